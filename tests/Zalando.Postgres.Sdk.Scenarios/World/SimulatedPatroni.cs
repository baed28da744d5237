using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Testing.ApiServer;
using Zalando.Postgres.Sdk.Testing.Controllers;

namespace Zalando.Postgres.Sdk.Scenarios.World;

/// <summary>What Patroni does to the objects of a cluster: elects a leader among the ready pods, labels them, and keeps its state in ConfigMaps and annotations.</summary>
internal sealed class SimulatedPatroni(IApiAccess api)
{
    private string _scopeLabel = "cluster-name";

    private readonly Dictionary<(string Space, string Name), JsonObject> _etcd = [];

    /// <summary>Whether it keeps its state outside of Kubernetes: then no object and no label tells of it.</summary>
    public bool KeepsStateInEtcd { get; set; }

    /// <summary>What is in etcd, for another world.</summary>
    public Action<SimulatedPatroni> SaveEtcd()
    {
        var saved = _etcd.ToDictionary(e => e.Key, e => e.Value.ToJsonString());
        return other =>
        {
            other.KeepsStateInEtcd = true;
            foreach (var (key, value) in saved) other._etcd[key] = (JsonObject)JsonNode.Parse(value)!;
        };
    }

    /// <summary>Brings everything up to date; whether anything was changed.</summary>
    public bool Step()
    {
        var changed = false;
        foreach (var cluster in api.List(KubernetesKinds.Pod, null).Where(p => Variable(p, "SPILO_CONFIGURATION") is not null)
            .GroupBy(p => (Space: Meta(p, "namespace")!, Name: Label(p, Variable(p, "KUBERNETES_SCOPE_LABEL")!)!)))
            changed |= Step(cluster.Key.Space, cluster.Key.Name, [.. cluster.OrderBy(p => Meta(p, "name"), StringComparer.Ordinal)]);
        return changed;
    }

    /// <summary>Whether its state is in Endpoints, as where the reference does not say otherwise, and not in ConfigMaps.</summary>
    public bool UsesEndpoints { get; set; }

    /// <summary>Who holds the leader lock.</summary>
    public string? LeaderOf(string space, string cluster) => (string?)Stored(space, cluster, "leader")?["leader"];

    /// <summary>The dynamic configuration.</summary>
    public JsonObject? ConfigurationOf(string space, string cluster) =>
        (string?)Stored(space, cluster, "config")?["config"] is { } text ? JsonNode.Parse(text)!.AsObject() : null;

    private KubernetesKind Kind => UsesEndpoints ? KubernetesKinds.Endpoints : KubernetesKinds.ConfigMap;

    // The Endpoints with the leader are those of the service for the primary.
    private string NameOf(string cluster, string suffix) => UsesEndpoints && suffix == "leader" ? cluster : $"{cluster}-{suffix}";

    /// <summary>The ready members of a cluster.</summary>
    public IReadOnlyList<string> MembersOf(string space, string cluster) =>
        [.. api.List(KubernetesKinds.Pod, space).Where(p => Label(p, "application") == "spilo" && Label(p, "cluster-name") == cluster && IsReady(p)).Select(p => Meta(p, "name")!).Order(StringComparer.Ordinal)];

    /// <summary>A switchover, as Patroni does it.</summary>
    public void SwitchOver(string space, string cluster, string candidate) => Write(space, cluster, "leader", new JsonObject { ["leader"] = candidate, ["optime"] = "1000" });

    /// <summary>Chooses the replica that commits wait for in synchronous mode, of those that are ready; null for none. Unset: nothing is written about it.</summary>
    public Func<IReadOnlyList<string>, string?>? SynchronousStandby { get; set; }

    /// <summary>Changes what a member says of itself before it is published: a lag, a tag, a setting that waits for a restart.</summary>
    public Action<string, JsonObject>? Record { get; set; }

    /// <summary>A change of the dynamic configuration: null removes a key.</summary>
    public JsonObject PatchConfiguration(string space, string cluster, JsonObject patch)
    {
        var present = ConfigurationOf(space, cluster)!;
        Merge(present, patch);
        Write(space, cluster, "config", new JsonObject { ["config"] = present.ToJsonString() });
        return present;
    }

    // The operator's own variables come first in a container; one of the same name later on belongs to somebody else.
    private static string? Variable(JsonObject pod, string name) => pod["spec"]!["containers"]!.AsArray()
        .Where(c => (string?)c!["name"] == "postgres").SelectMany(c => c!["env"] as JsonArray ?? []).Where(e => (string?)e!["name"] == name).Select(e => (string?)e!["value"]).FirstOrDefault();

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
        _scopeLabel = Variable(pods[0], "KUBERNETES_SCOPE_LABEL")!;
        var ready = pods.Where(p => IsReady(p) && p["metadata"]!["deletionTimestamp"] is null).ToList();
        if (ready.Count == 0) return false;
        var changed = false;
        if (ConfigurationOf(space, cluster) is null)
        {
            var dcs = JsonNode.Parse(Variable(ready[0], "SPILO_CONFIGURATION")!)!["bootstrap"]!["dcs"]!.AsObject();
            // The image's own doing.
            if (Variable(ready[0], "STANDBY_HOST") is { } host)
                dcs["standby_cluster"] = new JsonObject { ["create_replica_methods"] = new JsonArray("bootstrap_standby_with_wale", "basebackup_fast_xlog"), ["host"] = host };
            if (dcs["postgresql"] is null) dcs["postgresql"] = new JsonObject { ["parameters"] = new JsonObject { ["max_connections"] = "100" } };
            changed |= Write(space, cluster, "config", new JsonObject { ["config"] = dcs.ToJsonString() });
        }

        var leader = LeaderOf(space, cluster);
        var isStandby = ConfigurationOf(space, cluster)!["standby_cluster"] is not null;
        if (leader is null || ready.TrueForAll(p => Meta(p, "name") != leader))
        {
            leader = Meta(ready[0], "name")!;
            changed |= Write(space, cluster, "leader", new JsonObject { ["leader"] = leader, ["optime"] = "1000" });
        }

        if (SynchronousStandby is { } choose && (string?)ConfigurationOf(space, cluster)!["synchronous_mode"]?.ToString() == "true")
        {
            var standby = choose([.. ready.Select(p => Meta(p, "name")!).Where(n => n != leader)]) ?? "";
            if ((string?)Stored(space, cluster, "sync")?["sync_standby"] != standby || (string?)Stored(space, cluster, "sync")?["leader"] != leader)
                changed |= Write(space, cluster, "sync", new JsonObject { ["leader"] = leader, ["sync_standby"] = standby });
        }

        foreach (var pod in KeepsStateInEtcd ? [] : ready)
        {
            var isLeader = Meta(pod, "name") == leader;
            var (label, role) = (Variable(pod, "KUBERNETES_ROLE_LABEL")!, isLeader ? "master" : "replica");
            var record = new JsonObject { ["role"] = isLeader ? isStandby ? "standby_leader" : "primary" : "replica", ["state"] = "running", ["version"] = "4.0.4", ["timeline"] = 1, ["xlog_location"] = 1000 };
            if (!isLeader) record["replication_state"] = "streaming";
            Record?.Invoke(Meta(pod, "name")!, record);
            var status = record.ToJsonString();
            if (Label(pod, label) == role && (string?)pod["metadata"]!["annotations"]?["status"] == status) continue;
            pod["metadata"]!["labels"]![label] = role;
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

    private JsonObject? Stored(string space, string cluster, string suffix) => KeepsStateInEtcd
        ? _etcd.GetValueOrDefault((space, NameOf(cluster, suffix)))
        : api.Get(Kind, space, NameOf(cluster, suffix))?["metadata"]?["annotations"] as JsonObject;

    private bool Write(string space, string cluster, string suffix, JsonObject annotations)
    {
        var name = NameOf(cluster, suffix);
        if (KeepsStateInEtcd)
        {
            _etcd[(space, name)] = annotations;
            return true;
        }

        if (api.Get(Kind, space, name) is { } present)
        {
            // Others may have annotations of their own on the Endpoints of a service.
            if (present["metadata"]!["annotations"] is not JsonObject stored) present["metadata"]!["annotations"] = stored = [];
            foreach (var (key, value) in annotations) stored[key] = value?.DeepClone();
            api.Update(Kind, present);
            return true;
        }

        api.Create(Kind, new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = Kind.Kind,
            ["metadata"] = new JsonObject
            {
                ["namespace"] = space, ["name"] = name, ["annotations"] = annotations,
                ["labels"] = new JsonObject { ["application"] = "spilo", [_scopeLabel] = cluster },
            },
        });
        return true;
    }

    private static bool IsReady(JsonObject pod) =>
        pod["status"]?["conditions"] is JsonArray conditions && conditions.Any(c => (string?)c!["type"] == "Ready" && (string?)c["status"] == "True");

    private static string? Meta(JsonObject value, string field) => (string?)value["metadata"]?[field];

    private static string? Label(JsonObject value, string key) => (string?)value["metadata"]?["labels"]?[key];
}
