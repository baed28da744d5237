using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Testing.ApiServer;
using Zalando.Postgres.Sdk.Testing.Controllers;

namespace Zalando.Postgres.Sdk.Scenarios.World;

/// <summary>What Patroni does to the objects of a cluster: elects a leader among the ready pods, labels them, and keeps its state in ConfigMaps and annotations.</summary>
internal sealed class SimulatedPatroni(IApiAccess api)
{
    /// <summary>Brings everything up to date; whether anything was changed.</summary>
    public bool Step()
    {
        var changed = false;
        foreach (var cluster in api.List(KubernetesKinds.Pod, null).Where(p => Label(p, "application") == "spilo")
            .GroupBy(p => (Space: Meta(p, "namespace")!, Name: Label(p, "cluster-name")!)))
            changed |= Step(cluster.Key.Space, cluster.Key.Name, [.. cluster.OrderBy(p => Meta(p, "name"), StringComparer.Ordinal)]);
        return changed;
    }

    /// <summary>Who holds the leader lock.</summary>
    public string? LeaderOf(string space, string cluster) => (string?)api.Get(KubernetesKinds.ConfigMap, space, cluster + "-leader")?["metadata"]?["annotations"]?["leader"];

    /// <summary>A switchover, as Patroni does it.</summary>
    public void SwitchOver(string space, string cluster, string candidate) => Write(space, cluster, "leader", new JsonObject { ["leader"] = candidate, ["optime"] = "1000" });

    /// <summary>Changes what a member says of itself before it is published: a lag, a tag, a setting that waits for a restart.</summary>
    public Action<string, JsonObject>? Record { get; set; }

    /// <summary>A change of the dynamic configuration: null removes a key.</summary>
    public JsonObject PatchConfiguration(string space, string cluster, JsonObject patch)
    {
        var present = JsonNode.Parse((string)api.Get(KubernetesKinds.ConfigMap, space, cluster + "-config")!["metadata"]!["annotations"]!["config"]!)!.AsObject();
        Merge(present, patch);
        Write(space, cluster, "config", new JsonObject { ["config"] = present.ToJsonString() });
        return present;
    }

    private static void Merge(JsonObject target, JsonObject patch)
    {
        foreach (var (key, value) in patch)
        {
            if (value is null) target.Remove(key);
            else if (value is JsonObject inner && target[key] is JsonObject present) Merge(present, inner);
            else target[key] = value.DeepClone();
        }
    }

    private bool Step(string space, string cluster, IReadOnlyList<JsonObject> pods)
    {
        var ready = pods.Where(p => IsReady(p) && p["metadata"]!["deletionTimestamp"] is null).ToList();
        if (ready.Count == 0) return false;
        var changed = false;
        if (api.Get(KubernetesKinds.ConfigMap, space, cluster + "-config") is null)
        {
            var text = ready[0]["spec"]!["containers"]![0]!["env"]!.AsArray().First(e => (string?)e!["name"] == "SPILO_CONFIGURATION")!["value"]!.GetValue<string>();
            var dcs = JsonNode.Parse(text)!["bootstrap"]!["dcs"]!.AsObject();
            if (dcs["postgresql"] is null) dcs["postgresql"] = new JsonObject { ["parameters"] = new JsonObject { ["max_connections"] = "100" } };
            changed |= Write(space, cluster, "config", new JsonObject { ["config"] = dcs.ToJsonString() });
        }

        var leader = (string?)api.Get(KubernetesKinds.ConfigMap, space, cluster + "-leader")?["metadata"]?["annotations"]?["leader"];
        if (leader is null || ready.TrueForAll(p => Meta(p, "name") != leader))
        {
            leader = Meta(ready[0], "name")!;
            changed |= Write(space, cluster, "leader", new JsonObject { ["leader"] = leader, ["optime"] = "1000" });
        }

        foreach (var pod in ready)
        {
            var isLeader = Meta(pod, "name") == leader;
            var role = isLeader ? "master" : "replica";
            var record = new JsonObject { ["role"] = isLeader ? "primary" : "replica", ["state"] = "running", ["version"] = "4.0.4", ["timeline"] = 1, ["xlog_location"] = 1000 };
            if (!isLeader) record["replication_state"] = "streaming";
            Record?.Invoke(Meta(pod, "name")!, record);
            var status = record.ToJsonString();
            if (Label(pod, "spilo-role") == role && (string?)pod["metadata"]!["annotations"]?["status"] == status) continue;
            pod["metadata"]!["labels"]!["spilo-role"] = role;
            if (pod["metadata"]!["annotations"] is not JsonObject annotations) pod["metadata"]!["annotations"] = annotations = [];
            annotations["status"] = status;
            try
            {
                api.Update(KubernetesKinds.Pod, pod);
            }
            catch (ApiStatusException)
            {
                // Gone or changed meanwhile; the next step sees it.
            }

            changed = true;
        }

        return changed;
    }

    private bool Write(string space, string cluster, string suffix, JsonObject annotations)
    {
        var name = $"{cluster}-{suffix}";
        if (api.Get(KubernetesKinds.ConfigMap, space, name) is { } present)
        {
            present["metadata"]!["annotations"] = annotations;
            api.Update(KubernetesKinds.ConfigMap, present);
            return true;
        }

        api.Create(KubernetesKinds.ConfigMap, new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "ConfigMap",
            ["metadata"] = new JsonObject
            {
                ["namespace"] = space, ["name"] = name, ["annotations"] = annotations,
                ["labels"] = new JsonObject { ["application"] = "spilo", ["cluster-name"] = cluster },
            },
        });
        return true;
    }

    private static bool IsReady(JsonObject pod) =>
        pod["status"]?["conditions"] is JsonArray conditions && conditions.Any(c => (string?)c!["type"] == "Ready" && (string?)c["status"] == "True");

    private static string? Meta(JsonObject value, string field) => (string?)value["metadata"]?[field];

    private static string? Label(JsonObject value, string key) => (string?)value["metadata"]?["labels"]?[key];
}
