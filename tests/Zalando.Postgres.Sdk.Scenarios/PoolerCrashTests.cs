using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Scenarios.World;

namespace Zalando.Postgres.Sdk.Scenarios;

/// <summary>Poolers of primary and replica, switched on, changed and switched off by an operator that dies.</summary>
public sealed class PoolerCrashTests(ITestOutputHelper output)
{
    private const string Cluster = CrashSuite.Cluster;

    [Fact]
    public Task Switching_poolers_on_converges_wherever_the_operator_dies() => new CrashSuite(output).RunAsync(new CrashFlow("poolers on", static world => world.Apply(Manifest(2)))
    {
        IsDone = static world => world.IsRunning() && Ready(world, Cluster + "-pooler") == 2 && Ready(world, Cluster + "-pooler-repl") == 2,
        HasEnded = static postgres => postgres.ContentsOf("foo").Lookups.Count == 1,
        IsSound = static (world, _) => Assert.True(PoolersMade(world) <= 4),
    });

    [Fact]
    public Task Changing_poolers_converges_wherever_the_operator_dies() => new CrashSuite(output).RunAsync(new CrashFlow("poolers changed", static world => world.Apply(Manifest(3, cpu: "700m")))
    {
        Prepare = static world => world.Apply(Manifest(2)),
        IsPrepared = static world => world.IsRunning() && Ready(world, Cluster + "-pooler") == 2 && Ready(world, Cluster + "-pooler-repl") == 2,
        IsDone = static world => world.IsRunning() && Ready(world, Cluster + "-pooler") == 3 && Ready(world, Cluster + "-pooler-repl") == 3
            && world.Poolers().Count == 6 && world.Poolers().All(p => (string?)p["spec"]!["containers"]![0]!["resources"]!["requests"]!["cpu"] == "700m"),
        // Two old ones and three new ones of each, and no more.
        IsSound = static (world, _) => Assert.True(PoolersMade(world) <= 10, $"{PoolersMade(world)} pods"),
    });

    [Fact]
    public Task Switching_poolers_off_converges_wherever_the_operator_dies() => new CrashSuite(output).RunAsync(new CrashFlow("poolers off", static world => world.Apply(OperatorWorld.Manifest()))
    {
        Prepare = static world => world.Apply(Manifest(2)),
        IsPrepared = static world => world.IsRunning() && Ready(world, Cluster + "-pooler") == 2 && Ready(world, Cluster + "-pooler-repl") == 2,
        IsDone = static world => world.IsRunning() && world.Poolers().Count == 0 && !world.Snapshot().Keys.Any(k => k.Contains("pooler", StringComparison.Ordinal)),
    });

    [Fact]
    public Task One_pooler_off_and_one_on_converges_wherever_the_operator_dies() => new CrashSuite(output).RunAsync(new CrashFlow("poolers of the replica only", static world =>
    {
        var manifest = Manifest(2);
        manifest["spec"]!["enableConnectionPooler"] = false;
        world.Apply(manifest);
    })
    {
        Prepare = static world =>
        {
            var manifest = Manifest(2);
            manifest["spec"]!["enableReplicaConnectionPooler"] = false;
            world.Apply(manifest);
        },
        IsPrepared = static world => world.IsRunning() && Ready(world, Cluster + "-pooler") == 2,
        IsDone = static world => world.IsRunning() && world.Poolers().Count == 2 && Ready(world, Cluster + "-pooler-repl") == 2
            && world.Server.Access.Get(KubernetesKinds.Service, "default", Cluster + "-pooler") is null,
        IsSound = static (world, _) => Assert.True(PoolersMade(world) <= 4),
    });

    private static int PoolersMade(OperatorWorld world) => world.PodLives.Where(l => l.Key.StartsWith(Cluster + "-pooler", StringComparison.Ordinal)).Sum(l => l.Value.Count);

    private static int Ready(OperatorWorld world, string deployment) => (int?)world.Server.Access.Get(KubernetesKinds.Deployment, "default", deployment)?["status"]?["readyReplicas"] ?? 0;

    private static JsonObject Manifest(int instances, string cpu = "500m")
    {
        var manifest = OperatorWorld.Manifest();
        manifest["spec"]!["enableConnectionPooler"] = true;
        manifest["spec"]!["enableReplicaConnectionPooler"] = true;
        manifest["spec"]!["connectionPooler"] = new JsonObject
        {
            ["numberOfInstances"] = instances,
            ["resources"] = new JsonObject { ["requests"] = new JsonObject { ["cpu"] = cpu, ["memory"] = "100Mi" }, ["limits"] = new JsonObject { ["cpu"] = "1", ["memory"] = "100Mi" } },
        };
        return manifest;
    }
}
