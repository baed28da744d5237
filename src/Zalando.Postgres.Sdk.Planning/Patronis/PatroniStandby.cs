using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning.Clusters;
using Zalando.Postgres.Sdk.Planning.Json;

namespace Zalando.Postgres.Sdk.Planning.Patronis;

/// <summary>Whether the cluster follows another one.</summary>
internal static class PatroniStandby
{
    // The pods' environment shows what was asked for last. Only a change of that is carried over to Patroni: turning a primary into a follower
    // because Patroni's configuration was changed by hand (a promotion in an emergency) would lose data.
    public static void Patch(ClusterContext context, JsonObject current, JsonObject patch, List<ChangeReason> reasons)
    {
        if (FormerEnvironment.Of(context) is not { } former) return;
        var section = context.Spec.Standby;
        (string Variable, string? Value)[] wanted =
        [
            ("STANDBY_HOST", section?.StandbyHost),
            ("STANDBY_PORT", section?.StandbyHost is { Length: > 0 } ? section.StandbyPort : null),
            ("STANDBY_PRIMARY_SLOT_NAME", section?.StandbyHost is { Length: > 0 } ? section.StandbyPrimarySlotName : null),
            ("STANDBY_WALE_S3_PREFIX", section?.S3WalPath),
            ("STANDBY_WALE_GS_PREFIX", section?.S3WalPath is { Length: > 0 } ? null : section?.GsWalPath),
        ];
        if (context.IsStandby && section is null) return;
        if (wanted.All(w => (former.GetValueOrDefault(w.Variable) ?? "") == (w.Value ?? ""))) return;
        var present = current["standby_cluster"];
        if (section is null)
        {
            if (present is null) return;
            patch["standby_cluster"] = null;
            reasons.Add(new ChangeReason { FieldPath = "spec.standby", Old = Diff.ValueText.Of(present), Consequence = Consequence.Reload, Explanation = "the standby cluster becomes a cluster of its own" });
            return;
        }

        // Without an archive the command would fail for every file that PostgreSQL looks for before it streams.
        var hasArchive = section is { S3WalPath.Length: > 0 } or { GsWalPath.Length: > 0 };
        var desired = new JsonObject
        {
            ["create_replica_methods"] = hasArchive ? new JsonArray("bootstrap_standby_with_wale", "basebackup_fast_xlog") : new JsonArray("basebackup_fast_xlog"),
            ["restore_command"] = hasArchive ? "envdir \"/run/etc/wal-e.d/env-standby\" /scripts/restore_command.sh \"%f\" \"%p\"" : null,
            ["host"] = Given(section.StandbyHost),
            ["port"] = Given(section.StandbyPort),
            ["primary_slot_name"] = Given(section.StandbyPrimarySlotName),
        };
        if (SameMembers(present as JsonObject, desired)) return;
        // Patroni stores what it is given where there was nothing, nulls too, and with a slot named null PostgreSQL does not start any more.
        foreach (var name in desired.Where(d => d.Value is null && (present as JsonObject)?.ContainsKey(d.Key) != true).Select(d => d.Key).ToArray()) desired.Remove(name);
        patch["standby_cluster"] = desired;
        reasons.Add(new ChangeReason { FieldPath = "spec.standby", Old = Diff.ValueText.Of(present), New = Diff.ValueText.Of(desired), Consequence = Consequence.Reload });

        static JsonNode? Given(string? value) => value is { Length: > 0 } ? JsonValue.Create(value) : null;

        static bool SameMembers(JsonObject? present, JsonObject desired) =>
            present is not null && desired.All(d => JsonNode.DeepEquals(present[d.Key], d.Value) || PatroniValue.Text(present[d.Key]) == PatroniValue.Text(d.Value));
    }
}
