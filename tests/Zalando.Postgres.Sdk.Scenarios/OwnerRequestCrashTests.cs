using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Scenarios.World;

namespace Zalando.Postgres.Sdk.Scenarios;

/// <summary>What owners and administrators ask for, with an operator that dies: pause, sleep, switchover, drain, promotion, larger volumes.</summary>
public sealed class OwnerRequestCrashTests(ITestOutputHelper output)
{
    private const string Cluster = CrashSuite.Cluster;

    [Fact]
    public Task A_pause_converges_wherever_the_operator_dies() => new CrashSuite(output).RunAsync(new CrashFlow("pause", static world => world.Apply(Edited(paused: true)))
    {
        IsDone = static world => world.Cluster()?.Status is { } status && world.Condition("Paused").Status == "True" && status.ObservedGeneration == world.Cluster()!.Metadata.Generation
            && status.Pending?.All(p => p.WaitsFor == "Paused") == true,
    });

    [Fact]
    public Task The_end_of_a_pause_converges_wherever_the_operator_dies() => new CrashSuite(output).RunAsync(new CrashFlow("resume", static world => world.Apply(Edited(paused: false)))
    {
        Prepare = static world => world.Apply(OperatorWorld.Manifest()),
        IsPrepared = static world =>
        {
            if (world.IsRunning() && world.Cluster()!.Spec.Paused != true) world.Apply(Edited(paused: true));
            return world.Cluster()!.Spec.Paused == true && world.Cluster()!.Status?.Conditions?.Any(c => c is { Type: "Paused", Status: "True" }) == true;
        },
        IsDone = static world => world.IsRunning() && world.PodLives.Values.All(l => l.Count == 2) && world.Condition("Paused").Status == "False",
        LivesOf = static _ => 2,
        PatroniCalls = 1,
    });

    [Fact]
    public Task Going_to_sleep_converges_wherever_the_operator_dies() => new CrashSuite(output).RunAsync(new CrashFlow("hibernate", static world => world.Apply(OperatorWorld.Manifest(instances: 0)))
    {
        IsDone = static world => world.Members().Count == 0 && world.Condition("Ready").Reason == "Hibernated",
    });

    [Fact]
    public Task Waking_converges_wherever_the_operator_dies() => new CrashSuite(output).RunAsync(new CrashFlow("wake", static world => world.Apply(OperatorWorld.Manifest()))
    {
        IsPrepared = static world =>
        {
            if (world.IsRunning() && world.Cluster()!.Spec.NumberOfInstances == 2) world.Apply(OperatorWorld.Manifest(instances: 0));
            return world.Cluster()!.Spec.NumberOfInstances == 0 && world.Members().Count == 0 && world.Condition("Ready").Reason == "Hibernated";
        },
        IsDone = static world => world.IsRunning() && world.Members().Count == 2,
        LivesOf = static _ => 2,
    });

    [Fact]
    public Task A_switchover_on_request_converges_wherever_the_operator_dies() => new CrashSuite(output).RunAsync(new CrashFlow("switchover", static world => world.Annotate(ClusterAnnotations.Switchover, Cluster + "-1"))
    {
        IsDone = static world => world.Annotation(ClusterAnnotations.Switchover) is null && world.IsRunning(),
        IsSound = static (world, _) => Assert.Contains(world.Patroni.LeaderOf("default", Cluster), new[] { Cluster + "-0", Cluster + "-1" }),
        PatroniCalls = 1,
    });

    [Fact]
    public Task A_drain_converges_wherever_the_operator_dies() => new CrashSuite(output).RunAsync(new CrashFlow("drain", static world => world.Cordon("node-1"))
    {
        Nodes = ["node-2", "node-3"],
        Meanwhile = EvictAsync,
        IsDone = static world => world.IsRunning() && world.Members().Count == 2 && !world.Nodes().Contains("node-1"),
        LivesOf = static name => name == Cluster + "-0" ? 2 : 1,
        PatroniCalls = 1,
    });

    [Fact]
    public Task A_drain_of_a_single_member_converges_wherever_the_operator_dies() => new CrashSuite(output).RunAsync(new CrashFlow("drain of a single member", static world => world.Cordon("node-1"))
    {
        Nodes = ["node-2"],
        Prepare = static world => world.Apply(OperatorWorld.Manifest(instances: 1)),
        Meanwhile = EvictAsync,
        IsDone = static world => world.IsRunning() && world.Nodes() is ["node-2"],
        LivesOf = static _ => 2,
    });

    [Fact]
    public Task A_promotion_converges_wherever_the_operator_dies() => new CrashSuite(output).RunAsync(new CrashFlow("promotion", static world => world.Apply(OperatorWorld.Manifest()))
    {
        Prepare = static world =>
        {
            var manifest = OperatorWorld.Manifest();
            manifest["spec"]!["standby"] = new JsonObject { ["standby_host"] = "elsewhere.example.org" };
            world.Apply(manifest);
        },
        IsDone = static world => world.IsRunning() && world.Patroni.ConfigurationOf("default", Cluster)?["standby_cluster"] is null && world.PodLives.Values.All(l => l.Count == 2),
        HasEnded = static postgres => postgres.Roles.ContainsKey("foo_user"),
        LivesOf = static _ => 2,
        PatroniCalls = 2,
        MostPatroniCalls = 3,
    });

    [Fact]
    public Task A_larger_volume_converges_wherever_the_operator_dies() => new CrashSuite(output).RunAsync(new CrashFlow("volume growth", static world => world.Apply(Sized("2Gi")))
    {
        Prepare = static world =>
        {
            world.Server.Access.Create(KubernetesKinds.StorageClass, new JsonObject
            {
                ["apiVersion"] = "storage.k8s.io/v1", ["kind"] = "StorageClass", ["metadata"] = new JsonObject { ["name"] = "disks" }, ["provisioner"] = "example.org/disks", ["allowVolumeExpansion"] = true,
            });
            world.Apply(Sized("1Gi"));
        },
        IsDone = static world => world.IsRunning() && world.Server.Access.List(KubernetesKinds.PersistentVolumeClaim, "default").All(c => (string?)c["spec"]!["resources"]!["requests"]!["storage"] == "2Gi"),
    });

    internal static async Task EvictAsync(OperatorWorld world)
    {
        foreach (var pod in world.Members().Where(p => (string?)p["spec"]!["nodeName"] == "node-1")) await world.EvictAsync((string)pod["metadata"]!["name"]!);
    }

    private static JsonObject Edited(bool paused)
    {
        var manifest = OperatorWorld.Manifest();
        manifest["spec"]!["env"] = new JsonArray(new JsonObject { ["name"] = "COLOUR", ["value"] = "blue" });
        if (paused) manifest["spec"]!["paused"] = true;
        return manifest;
    }

    private static JsonObject Sized(string size)
    {
        var manifest = OperatorWorld.Manifest();
        manifest["spec"]!["volume"] = new JsonObject { ["size"] = size, ["storageClass"] = "disks" };
        return manifest;
    }
}
