using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Testing.Controllers;

namespace Zalando.Postgres.Sdk.Testing.Tests.Controllers;

public sealed class ControllerHostTests() : SimulatedNodesTest(new SimulatedNodeOptions())
{
    protected override void Furnish() => Api.Create(KubernetesKinds.Namespace, Parse("""{"metadata":{"name":"test"}}"""));

    [Fact]
    public async Task A_stateful_set_gets_its_pods_claims_volumes_and_addresses()
    {
        CreateSet("db", 2);
        CreateService("db", "db");
        await SettleAsync();

        Assert.Equal(["db-0", "db-1"], Pods("db").Select(Name));
        Assert.All(Pods("db"), p => Assert.Equal("Running", (string?)p["status"]!["phase"]));
        Assert.Equal(2, (int?)Get(KubernetesKinds.StatefulSet, "db")!["status"]!["readyReplicas"]);
        Assert.All(Api.List(KubernetesKinds.PersistentVolumeClaim, "test"), c => Assert.Equal("Bound", (string?)c["status"]!["phase"]));
        Assert.Equal(2, Api.List(KubernetesKinds.PersistentVolume, null).Count);
        Assert.Equal(2, Get(KubernetesKinds.Endpoints, "db")!["subsets"]![0]!["addresses"]!.AsArray().Count);
        Assert.Equal(2, Assert.Single(Api.List(KubernetesKinds.EndpointSlice, "test"))["endpoints"]!.AsArray().Count);
        Assert.Empty(Host.Failures);
    }

    [Fact]
    public async Task A_deleted_pod_comes_back_with_its_claim()
    {
        CreateSet("db", 2);
        await SettleAsync();
        var uid = Uid(Get(KubernetesKinds.Pod, "db-1")!);

        Api.Delete(KubernetesKinds.Pod, "test", "db-1");
        await SettleAsync();

        var pod = Get(KubernetesKinds.Pod, "db-1")!;
        Assert.NotEqual(uid, Uid(pod));
        Assert.Equal("data-db-1", (string?)pod["spec"]!["volumes"]![0]!["persistentVolumeClaim"]!["claimName"]);
        Assert.Equal(2, Api.List(KubernetesKinds.PersistentVolumeClaim, "test").Count);
    }

    [Fact]
    public async Task An_ordered_set_waits_for_a_pod_that_is_held()
    {
        Host.Node!.HoldUnready("test", "db-0");
        CreateSet("db", 2);
        await SettleAsync();
        Assert.Equal(["db-0"], Pods("db").Select(Name));

        Host.Node.Release("test", "db-0");
        await SettleAsync();
        Assert.Equal(["db-0", "db-1"], Pods("db").Select(Name));
    }

    [Fact]
    public async Task With_OnDelete_a_new_template_reaches_a_pod_when_it_is_deleted()
    {
        CreateSet("db", 2);
        await SettleAsync();
        var set = Get(KubernetesKinds.StatefulSet, "db")!;
        set["spec"]!["template"]!["spec"]!["containers"]![0]!["image"] = "image:2";
        Api.Update(KubernetesKinds.StatefulSet, set);
        await SettleAsync();
        Assert.All(Pods("db"), p => Assert.Equal("image:1", Image(p)));

        Api.Delete(KubernetesKinds.Pod, "test", "db-0");
        await SettleAsync();

        Assert.Equal(["image:2", "image:1"], Pods("db").Select(Image));
    }

    [Fact]
    public async Task Orphaned_pods_are_adopted_by_the_next_set_of_the_name()
    {
        CreateSet("db", 2);
        await SettleAsync();
        var before = Pods("db").Select(Uid).ToArray();

        Api.Delete(KubernetesKinds.StatefulSet, "test", "db", Parse("""{"propagationPolicy":"Orphan"}"""));
        await SettleAsync();
        Assert.All(Pods("db"), p => Assert.Null(p["metadata"]!["ownerReferences"]));
        CreateSet("db", 2);
        await SettleAsync();

        Assert.Equal(before, Pods("db").Select(Uid));
        Assert.All(Pods("db"), p => Assert.Single(p["metadata"]!["ownerReferences"]!.AsArray()));
    }

    [Fact]
    public async Task What_a_deleted_owner_leaves_is_collected_and_claims_stay()
    {
        CreateSet("db", 2);
        await SettleAsync();
        Api.Delete(KubernetesKinds.StatefulSet, "test", "db");
        await SettleAsync();

        Assert.Empty(Pods("db"));
        Assert.Empty(Api.List(KubernetesKinds.ControllerRevision, "test"));
        Assert.Equal(2, Api.List(KubernetesKinds.PersistentVolumeClaim, "test").Count);
    }

    [Fact]
    public async Task A_claim_that_asks_for_more_gets_more()
    {
        CreateSet("db", 1);
        await SettleAsync();
        var claim = Get(KubernetesKinds.PersistentVolumeClaim, "data-db-0")!;
        claim["spec"]!["resources"]!["requests"]!["storage"] = "2Gi";
        Api.Update(KubernetesKinds.PersistentVolumeClaim, claim);
        await SettleAsync();

        Assert.Equal("2Gi", (string?)Get(KubernetesKinds.PersistentVolumeClaim, "data-db-0")!["status"]!["capacity"]!["storage"]);
    }

    [Fact]
    public async Task A_cron_job_runs_on_theServers_clock()
    {
        Api.Create(KubernetesKinds.CronJob, Parse("""
            {"metadata":{"name":"backup","namespace":"test"},"spec":{"schedule":"30 0 * * *","jobTemplate":{"spec":{"template":{"spec":{
              "restartPolicy":"Never","containers":[{"name":"c","image":"image:1"}]}}}}}}
            """));
        await SettleAsync();
        Assert.Empty(Api.List(KubernetesKinds.Job, "test"));

        Time.Advance(TimeSpan.FromMinutes(31));
        await SettleAsync();

        var job = Assert.Single(Api.List(KubernetesKinds.Job, "test"));
        Assert.Equal("Complete", (string?)job["status"]!["conditions"]![1]!["type"]);
    }

    [Fact]
    public async Task A_namespace_goes_with_everything_in_it()
    {
        CreateSet("db", 2);
        await SettleAsync();
        Api.Delete(KubernetesKinds.Namespace, null, "test");
        await SettleAsync();
        Assert.Null(Api.Get(KubernetesKinds.Namespace, null, "test"));
        Assert.Empty(Api.List(KubernetesKinds.PersistentVolumeClaim, "test"));
    }

    [Fact]
    public async Task A_settledServer_writes_nothing_more()
    {
        CreateSet("db", 2);
        CreateService("db", "db");
        await SettleAsync();
        var writes = 0;
        using var subscription = Api.Subscribe(_ => Interlocked.Increment(ref writes));
        await SettleAsync();
        Assert.Equal(0, writes);
        Assert.True(Host.IsSettled);
    }

    [Fact]
    public void An_unknown_controller_is_refused_by_name()
    {
        var error = Assert.Throws<ArgumentException>(() => new ControllerHost(Api, Time, new ControllerHostOptions { Controllers = ["nosuch"] }));
        Assert.Contains("nosuch", error.Message, StringComparison.Ordinal);
    }

    private void CreateSet(string name, int replicas) => Api.Create(KubernetesKinds.StatefulSet, Parse("""
        {"metadata":{"name":"NAME","namespace":"test"},"spec":{"replicas":COUNT,"serviceName":"NAME","updateStrategy":{"type":"OnDelete"},
          "selector":{"matchLabels":{"app":"NAME"}},
          "template":{"metadata":{"labels":{"app":"NAME"}},"spec":{"containers":[{"name":"c","image":"image:1","volumeMounts":[{"name":"data","mountPath":"/data"}]}]}},
          "volumeClaimTemplates":[{"metadata":{"name":"data"},"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}}]}}
        """.Replace("NAME", name, StringComparison.Ordinal).Replace("COUNT", replicas.ToString(), StringComparison.Ordinal)));

    private void CreateService(string name, string app) => Api.Create(KubernetesKinds.Service, Parse("""
        {"metadata":{"name":"NAME","namespace":"test"},"spec":{"selector":{"app":"APP"},"ports":[{"name":"postgresql","port":5432}]}}
        """.Replace("NAME", name, StringComparison.Ordinal).Replace("APP", app, StringComparison.Ordinal)));

    private JsonObject? Get(KubernetesKind kind, string name) => Api.Get(kind, "test", name);

    private JsonObject[] Pods(string app) => Api.List(KubernetesKinds.Pod, "test").Where(p => (string?)p["metadata"]!["labels"]?["app"] == app).ToArray();

    private static string? Image(JsonObject pod) => (string?)pod["spec"]!["containers"]![0]!["image"];
}
