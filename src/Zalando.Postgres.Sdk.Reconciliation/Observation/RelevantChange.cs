using System.Text.Json;
using System.Text.Json.Nodes;

namespace Zalando.Postgres.Sdk.Reconciliation.Observation;

/// <summary>Tells changes that can alter a plan from noise: Patroni renews its leader lock and writes positions every few seconds, and the API
/// server keeps books of its own.</summary>
internal static class RelevantChange
{
    private static readonly string[] PatroniSuffixes = ["-leader", "-config", "-failover", "-sync"];
    private static readonly string[] MemberFields = ["role", "state", "replication_state", "pending_restart", "pending_restart_reason", "version", "timeline", "pause", "tags"];
    private static readonly string[] CountFields = ["replicas", "readyReplicas", "currentRevision", "updateRevision", "capacity", "phase", "conditions", "loadBalancer"];

    /// <summary>Whether a plan could be different because of the change.</summary>
    public static bool Matters(StoreChange change)
    {
        if (change.Previous is not { } previous || change.Current is not { } current) return true;
        return !JsonNode.DeepEquals(Essence(change.Kind.Kind, previous), Essence(change.Kind.Kind, current));
    }

    /// <summary>Whether a manifest changed in something other than its status.</summary>
    public static bool IsEdit(JsonObject? previous, JsonObject? current)
    {
        if (previous is null || current is null) return true;
        return previous.Metadata("uid") != current.Metadata("uid") || !JsonNode.DeepEquals(Essence("postgresql", previous), Essence("postgresql", current));
    }

    private static JsonObject Essence(string kind, JsonObject value)
    {
        var metadata = value.Child("metadata");
        var result = new JsonObject
        {
            ["uid"] = metadata.Text("uid"),
            ["labels"] = metadata?["labels"]?.DeepClone(),
            ["owners"] = metadata?["ownerReferences"]?.DeepClone(),
            ["finalizers"] = metadata?["finalizers"]?.DeepClone(),
            ["deleted"] = metadata.Text("deletionTimestamp"),
        };
        var annotations = metadata.Child("annotations")?.DeepClone() as JsonObject;
        switch (kind)
        {
            case "Pod":
                result["member"] = Member(annotations.Text("status"));
                annotations?.Remove("status");
                result["spec"] = value["spec"]?.DeepClone();
                result["status"] = PodStatus(value.Child("status"));
                break;
            case "ConfigMap" when value.Label(History.ClusterHistory.Label) is not null:
                annotations = null;
                break;
            // The Endpoints with the leader's lock are those of the service, so their name does not tell.
            case "ConfigMap" or "Endpoints" when IsPatroni(metadata.Text("name")) || (kind == "Endpoints" && annotations.Text("leader") is not null):
                annotations = new JsonObject
                {
                    ["leader"] = annotations.Text("leader"),
                    ["config"] = annotations.Text("config"),
                    ["sync_standby"] = annotations.Text("sync_standby"),
                };
                break;
            case "Node":
                result["unschedulable"] = value.Child("spec").Flag("unschedulable");
                annotations = null;
                break;
            case "postgresql":
                result["spec"] = value["spec"]?.DeepClone();
                break;
            case "Service" or "PodDisruptionBudget":
                result["spec"] = value["spec"]?.DeepClone();
                break;
            default:
                foreach (var (field, content) in value)
                    if (field is not ("metadata" or "status")) result["content:" + field] = content?.DeepClone();
                if (value.Child("status") is { } status)
                {
                    foreach (var field in CountFields)
                        if (status[field] is { } count) result["status:" + field] = count.DeepClone();
                }

                break;
        }

        result["annotations"] = annotations;
        return result;
    }

    private static bool IsPatroni(string? name) => name is not null && PatroniSuffixes.Any(s => name.EndsWith(s, StringComparison.Ordinal));

    private static JsonObject? Member(string? text)
    {
        if (text is null) return null;
        try
        {
            if (JsonNode.Parse(text) is not JsonObject member) return null;
            var result = new JsonObject();
            foreach (var field in MemberFields)
                if (member[field] is { } value) result[field] = value.DeepClone();
            return result;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static JsonObject? PodStatus(JsonObject? status)
    {
        if (status is null) return null;
        var containers = new JsonArray();
        foreach (var item in status.Items("containerStatuses") ?? [])
        {
            if (item is not JsonObject container) continue;
            containers.Add((JsonNode)new JsonObject
            {
                ["name"] = container.Text("name"), ["ready"] = container.Flag("ready"), ["restarts"] = container.Number("restartCount"),
                ["image"] = container.Text("image"), ["waiting"] = container.Child("state").Child("waiting").Text("reason"),
                ["resources"] = container.Child("resources")?.DeepClone(),
            });
        }

        var conditions = new JsonObject();
        foreach (var item in status.Items("conditions") ?? [])
            if (item is JsonObject condition && condition.Text("type") is { } type) conditions[type] = type.StartsWith("PodResize", StringComparison.Ordinal) ? $"{condition.Text("status")} {condition.Text("reason")}" : condition.Text("status");
        return new JsonObject { ["phase"] = status.Text("phase"), ["ip"] = status.Text("podIP"), ["containers"] = containers, ["conditions"] = conditions };
    }
}
