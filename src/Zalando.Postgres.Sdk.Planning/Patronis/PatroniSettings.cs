using System.Text.Json;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning.Clusters;
using Zalando.Postgres.Sdk.Planning.Json;
using Zalando.Postgres.Sdk.Planning.StatefulSets;

namespace Zalando.Postgres.Sdk.Planning.Patronis;

/// <summary>What the manifest asks of Patroni and of PostgreSQL, against Patroni's dynamic configuration.</summary>
internal static class PatroniSettings
{
    /// <summary>The merge patch that brings the configuration to what is asked for; empty when nothing is to be changed.</summary>
    public static JsonObject Patch(ClusterContext context, JsonObject current, List<ChangeReason> reasons, List<PlannedChange> changes, List<PendingChange> pending)
    {
        var patroni = context.Spec.Patroni;
        var patch = new JsonObject();
        Number("ttl", patroni?.Ttl);
        Number("loop_wait", patroni?.LoopWait);
        Number("retry_timeout", patroni?.RetryTimeout);
        Number("maximum_lag_on_failover", patroni?.MaximumLagOnFailover);
        Flag("synchronous_mode", patroni?.SynchronousMode ?? false, false);
        Flag("synchronous_mode_strict", patroni?.SynchronousModeStrict ?? false, false);
        if ((patroni?.SynchronousNodeCount ?? 0) is var count && PatroniValue.Whole(current["synchronous_node_count"]) is var present && count != (present ?? 0))
            Set("synchronous_node_count", JsonValue.Create(count));
        Flag("failsafe_mode", patroni?.FailsafeMode ?? context.Settings.Patroni.EnablePatroniFailsafeMode, null);
        PatroniSlots.Patch(context, current, patch, reasons);
        Parameters(context, current, patch, reasons, changes, pending);
        PatroniStandby.Patch(context, current, patch, reasons);
        return patch;

        void Number(string name, long? value)
        {
            if (value is > 0 && PatroniValue.Whole(current[name]) != value) Set(name, JsonValue.Create(value.Value));
        }

        void Flag(string name, bool value, bool? whenAbsent)
        {
            var before = current[name] is JsonValue flag && flag.TryGetValue(out bool given) ? given : whenAbsent;
            // A mode such as quorum was set by hand and is more than the manifest can say.
            if (value && current[name] is JsonValue text && text.GetValueKind() == JsonValueKind.String) return;
            if (before != value) Set(name, JsonValue.Create(value));
        }

        void Set(string name, JsonNode value)
        {
            patch[name] = value;
            reasons.Add(new ChangeReason
            {
                FieldPath = $"spec.patroni.{name}",
                Old = Diff.ValueText.Of(current[name]),
                New = Diff.ValueText.Of(value),
                Consequence = Consequence.Reload,
                RequestedBy = name == "failsafe_mode" && patroni?.FailsafeMode is null ? Requester.OperatorConfiguration : Requester.Manifest,
            });
        }
    }

    private static void Parameters(ClusterContext context, JsonObject current, JsonObject patch, List<ChangeReason> reasons, List<PlannedChange> changes, List<PendingChange> pending)
    {
        var present = current.Object("postgresql", "parameters");
        var wanted = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in context.Spec.Postgresql.Parameters ?? new Dictionary<string, string>())
            if (!SpiloConfiguration.IsLocal(name)) wanted[name] = value;
        if (context.Spec.Streams is { Count: > 0 }) wanted["wal_level"] = "logical";
        var changed = new JsonObject();
        foreach (var (name, value) in wanted)
        {
            var before = PatroniValue.Text(present?[name]);
            if (before == value) continue;
            changed[name] = value;
            reasons.Add(new ChangeReason { FieldPath = $"spec.postgresql.parameters[{name}]", Old = before, New = value, Consequence = Consequence.Reload });
        }

        ManagedSettings.TakeBack(context, current, patch, changed, reasons);
        LoweredParameters.Hold(context, current, changed, reasons, changes, pending);
        if (changed.Count > 0) patch["postgresql"] = new JsonObject { ["parameters"] = changed };
    }
}
