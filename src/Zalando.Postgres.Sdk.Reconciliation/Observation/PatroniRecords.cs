using System.Text.Json;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning;

namespace Zalando.Postgres.Sdk.Reconciliation.Observation;

/// <summary>Reads what Patroni keeps in Kubernetes objects: the dynamic configuration, who leads, and a record on each member's pod. So the state
/// of a cluster is known from the watches, without asking anybody.</summary>
internal static class PatroniRecords
{
    /// <summary>What the objects of a cluster tell; null when Patroni keeps its state somewhere else or has not started yet.</summary>
    /// <param name="key">The cluster.</param>
    /// <param name="objects">Its objects.</param>
    public static ObservedPatroni? Read(ClusterKey key, IReadOnlyDictionary<ObjectKey, JsonObject> objects)
    {
        if (Record(key, objects, "config") is not { } config || Parse(config.Annotation("config")) is not { } configuration) return null;
        var lockRecord = Record(key, objects, "leader");
        var leader = lockRecord?.Annotation("leader");
        var position = long.TryParse(lockRecord?.Annotation("optime"), out var optime) ? optime : (long?)null;
        var synchronous = (Record(key, objects, "sync")?.Annotation("sync_standby") ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var members = new List<ObservedMember>();
        foreach (var (objectKey, pod) in objects.OrderBy(o => o.Key.Name, StringComparer.Ordinal))
        {
            if (objectKey.Kind != "Pod" || objectKey.Namespace != key.Namespace || Parse(pod.Annotation("status")) is not { } record) continue;
            var isLeader = objectKey.Name == leader;
            var state = record.Text("replication_state") ?? record.Text("state") ?? "";
            var own = record.Number("xlog_location");
            members.Add(new ObservedMember
            {
                Name = objectKey.Name,
                Role = isLeader ? record.Text("role") == "standby_leader" ? MemberRole.StandbyLeader : MemberRole.Primary
                    : synchronous.Contains(objectKey.Name, StringComparer.Ordinal) ? MemberRole.SyncStandby : MemberRole.Replica,
                State = state,
                LagBytes = isLeader ? 0 : position is { } ahead && own is { } behind ? Math.Max(0, ahead - behind) : null,
                Timeline = record.Number("timeline"),
                PendingRestart = record.Flag("pending_restart"),
                PendingRestartReason = Reasons(record.Child("pending_restart_reason")),
                IsExcludedFromFailover = record.Child("tags") is { } tags && (tags.Flag("nofailover") || tags.Number("failover_priority") == 0),
                PatroniVersion = record.Text("version"),
            });
        }

        return new ObservedPatroni { Members = members, Configuration = configuration, Paused = configuration.Flag("pause") };
    }

    private static JsonObject? Record(ClusterKey key, IReadOnlyDictionary<ObjectKey, JsonObject> objects, string suffix) =>
        objects.GetValueOrDefault(new ObjectKey("ConfigMap", key.Namespace, $"{key.Name}-{suffix}"))
        ?? objects.GetValueOrDefault(new ObjectKey("Endpoints", key.Namespace, suffix == "leader" ? key.Name : $"{key.Name}-{suffix}"));

    private static Dictionary<string, PendingParameter> Reasons(JsonObject? reasons) =>
        (reasons ?? []).Where(r => r.Value is JsonObject).ToDictionary(
            r => r.Key, r => new PendingParameter(r.Value!["old_value"]?.ToString() ?? "", r.Value!["new_value"]?.ToString() ?? ""), StringComparer.Ordinal);

    private static JsonObject? Parse(string? text)
    {
        if (string.IsNullOrEmpty(text)) return null;
        try
        {
            return JsonNode.Parse(text) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
