using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning.Clusters;
using Zalando.Postgres.Sdk.Planning.Json;
using Zalando.Postgres.Sdk.Planning.Pods;

namespace Zalando.Postgres.Sdk.Planning.Patronis;

/// <summary>Settings that become smaller, and must do so on the primary first: replicas need at least its values.</summary>
internal static class LoweredParameters
{
    // Their memory is sized by them.
    private static readonly HashSet<string> SharedMemoryParameters = new(StringComparer.Ordinal)
    {
        "max_connections", "max_prepared_transactions", "max_locks_per_transaction", "max_worker_processes", "max_wal_senders",
    };

    // Before 3.3 Patroni does not say which settings wait for a restart. There settings that must become smaller on the primary first are sent alone,
    // when nothing else waits or may still begin to wait, so that a pending restart means them.
    public static void Hold(ClusterContext context, JsonObject current, JsonObject changed, List<ChangeReason> reasons, List<PlannedChange> changes, List<PendingChange> pending)
    {
        if (context.Observed.Patroni is not { Members.Count: > 1 } patroni || patroni.Members.All(m => NamesPendingSettings(m.PatroniVersion))) return;
        var lowered = In(current, changed).ToArray();
        if (lowered.Length == 0) return;
        DateTimeOffset? settled = null;
        if (lowered.Length == changed.Count && patroni.Members.All(m => m is { IsRunning: true, PendingRestart: false }))
        {
            settled = PatroniRestarts.Settled(context, patroni, DatabasePod.List(context), changes);
            if (settled is null || settled <= context.Input.Now) return;
        }

        foreach (var name in lowered)
        {
            var reason = reasons.First(r => r.FieldPath == $"spec.postgresql.parameters[{name}]");
            reasons.Remove(reason);
            pending.Add(new PendingChange
            {
                Change = new PatchPatroniConfiguration
                {
                    Target = PatroniPlanner.Target(context), Stage = ChangeStage.Patroni, Disruption = Disruption.Reload, Reasons = [reason],
                    Patch = new JsonObject { ["postgresql"] = new JsonObject { ["parameters"] = new JsonObject { [name] = changed[name]?.DeepClone() } } },
                },
                WaitsFor = WaitReason.EarlierChange,
                Explanation = $"{name} becomes smaller after the other settings are in force",
                Until = settled,
            });
            changed.Remove(name);
        }
    }

    // The order of restarts is written down before the settings change, for members whose Patroni does not name them.
    public static void Note(ClusterContext context, JsonObject current, JsonObject patch, ObservedPatroni patroni, List<PlannedChange> changes)
    {
        var present = context.Manifest.Metadata.Annotations?.GetValueOrDefault(ClusterAnnotations.LoweredParameters);
        var lowered = patch.Object("postgresql", "parameters") is { } changed && patroni.Members.Any(m => !NamesPendingSettings(m.PatroniVersion))
            ? string.Join(',', In(current, changed).Order(StringComparer.Ordinal)) : "";
        if (lowered.Length > 0 && lowered != present) changes.Add(PatroniPlanner.Annotate(context, ClusterAnnotations.LoweredParameters, present, lowered));
        else if (lowered.Length == 0 && present is not null && patch.ContainsKey("postgresql"))
            changes.Add(PatroniPlanner.Annotate(context, ClusterAnnotations.LoweredParameters, present, null));
    }

    /// <summary>Whether a member waits for nothing else than lowered settings.</summary>
    public static bool AreAll(ClusterContext context, ObservedMember member) => member.PendingRestartReason.Count == 0
        ? context.Manifest.Metadata.Annotations?.ContainsKey(ClusterAnnotations.LoweredParameters) == true
        : member.PendingRestartReason.All(c => SharedMemoryParameters.Contains(c.Key) && PatroniValue.Number(c.Value.New) < PatroniValue.Number(c.Value.Old));

    private static IEnumerable<string> In(JsonObject current, JsonObject changed)
    {
        var present = current.Object("postgresql", "parameters");
        return changed.Where(c => SharedMemoryParameters.Contains(c.Key) && After(c) < PatroniValue.Number(PatroniValue.Text(present?[c.Key]))).Select(c => c.Key);

        static double After(KeyValuePair<string, JsonNode?> change) => change.Value is null ? ManagedSettings.Default(change.Key) : PatroniValue.Number(PatroniValue.Text(change.Value));
    }

    private static bool NamesPendingSettings(string? version) => version is null || !Version.TryParse(version, out var parsed) || parsed >= new Version(3, 3);
}
