using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Reconciliation.Patroni;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Scenarios.World;

namespace Zalando.Postgres.Sdk.Scenarios;

public sealed class RollingUpdateTests(ITestOutputHelper output)
{
    private const string Cluster = "acid-minimal-cluster";

    [Fact]
    public async Task Replicas_come_first_then_one_switchover_then_the_former_primary()
    {
        await using var world = await OperatorWorld.StartAsync();
        var patroni = new FakePatroniClient(world.Patroni, Cluster);
        world.Plugins = services => services with { Executors = [new PatroniChangeExecutor(patroni)] };
        world.StartOperator();
        world.Apply(OperatorWorld.Manifest(instances: 3));
        await world.RunUntilAsync(() => world.IsRunning(), "the cluster runs");
        var deleted = new List<string>();
        using var subscription = world.Server.Access.Subscribe(change =>
        {
            if (change is { Type: "DELETED", Kind.Kind: "Pod" }) deleted.Add((string)change.Object["metadata"]!["name"]!);
        });
        var edited = OperatorWorld.Manifest(instances: 3);
        edited["spec"]!["resources"] = new JsonObject { ["limits"] = new JsonObject { ["cpu"] = "2", ["memory"] = "1Gi" }, ["requests"] = new JsonObject { ["cpu"] = "100m", ["memory"] = "500Mi" } };
        world.Apply(edited);
        await world.RunUntilAsync(() => world.IsRunning() && deleted.Count == 3, "all members are made again");
        await world.SettleAsync();
        output.WriteLine(string.Join(", ", deleted.Concat(patroni.Log)));
        Assert.Equal(3, deleted.Count);
        Assert.Equal(Cluster + "-0", deleted[2]);
        Assert.Single(patroni.Log, l => l.StartsWith("switchover " + Cluster + "-0 ->", StringComparison.Ordinal));
        Assert.All(world.PodLives.Values, lives => Assert.Equal(2, lives.Count));
        Assert.All(world.Server.Access.List(KubernetesKinds.Pod, "default"), p => Assert.Equal("2", (string?)p["spec"]!["containers"]![0]!["resources"]!["limits"]!["cpu"]));
    }

    [Fact]
    public async Task A_member_that_does_not_come_back_stops_the_update_and_is_named()
    {
        await using var world = await OperatorWorld.StartAsync();
        world.Plugins = services => services with { Executors = [new PatroniChangeExecutor(new FakePatroniClient(world.Patroni, Cluster))] };
        world.StartOperator();
        world.Apply(OperatorWorld.Manifest(instances: 3));
        await world.RunUntilAsync(() => world.IsRunning(), "the cluster runs");
        var edited = OperatorWorld.Manifest(instances: 3);
        edited["spec"]!["env"] = new JsonArray(new JsonObject { ["name"] = "BROKEN", ["value"] = "yes" });
        using var subscription = world.Server.Access.Subscribe(change =>
        {
            if (change is { Type: "ADDED", Kind.Kind: "Pod" }) world.Server.Controllers!.Node!.HoldUnready("default", (string)change.Object["metadata"]!["name"]!);
        });
        world.Apply(edited);
        await world.RunUntilAsync(() => world.PodLives.Values.Count(l => l.Count == 2) == 1, "one member is made again");
        await world.SettleAsync();
        Assert.Single(world.PodLives.Values, lives => lives.Count == 2);
        Assert.Single(world.PodLives[Cluster + "-0"]);
        var conditions = world.Cluster()!.Status!.Conditions!;
        var broken = world.PodLives.Single(p => p.Value.Count == 2).Key;
        Assert.Contains(broken, conditions.Single(c => c.Type == "Ready").Message, StringComparison.Ordinal);
        Assert.Equal("True", conditions.Single(c => c.Type == "Progressing").Status);
        Assert.Equal("Updating", world.Cluster()!.Status!.PostgresClusterStatus);
    }

    [Fact]
    public async Task A_changed_setting_goes_through_patroni_and_makes_no_pod_again()
    {
        await using var world = await OperatorWorld.StartAsync();
        var patroni = new FakePatroniClient(world.Patroni, Cluster);
        world.Plugins = services => services with { Executors = [new PatroniChangeExecutor(patroni)] };
        world.StartOperator();
        world.Apply(OperatorWorld.Manifest());
        await world.RunUntilAsync(() => world.IsRunning(), "the cluster runs");
        var edited = OperatorWorld.Manifest();
        edited["spec"]!["patroni"] = new JsonObject { ["ttl"] = 40 };
        world.Apply(edited);
        await world.RunUntilAsync(() => world.IsRunning() && patroni.Log.Count > 0, "patroni has the setting");
        Assert.Single(patroni.Log);
        Assert.Contains("40", patroni.Log[0], StringComparison.Ordinal);
        Assert.All(world.PodLives.Values, lives => Assert.Single(lives));
    }

    [Fact]
    public async Task A_setting_that_leaves_the_manifest_is_taken_back_from_patroni_by_whichever_operator_runs()
    {
        await using var world = await OperatorWorld.StartAsync();
        var patroni = new FakePatroniClient(world.Patroni, Cluster);
        world.Plugins = services => services with { Executors = [new PatroniChangeExecutor(patroni)] };
        world.StartOperator();
        world.Apply(With(("work_mem", "8MB"), ("log_statement", "all")));
        await world.RunUntilAsync(() => world.IsRunning(), "the cluster runs");
        await world.SettleAsync();
        // The manifest changes while no operator runs.
        await world.StopOperatorAsync();
        patroni.Log.Clear();
        world.Apply(With(("work_mem", "8MB")));
        world.StartOperator();
        await world.RunUntilAsync(() => patroni.Log.Count > 0, "patroni was told");
        await world.SettleAsync();
        Assert.Equal("patch {\"postgresql\":{\"parameters\":{\"log_statement\":null}}}", Assert.Single(patroni.Log));
        Assert.Equal("work_mem", (string?)world.Server.Access.Get(Postgresql.Descriptor, OperatorWorld.Namespace, Cluster)!["metadata"]!["annotations"]?[ClusterAnnotations.ManagedParameters]);
        Assert.All(world.PodLives.Values, lives => Assert.Single(lives));

        static JsonObject With(params (string Name, string Value)[] parameters)
        {
            var manifest = OperatorWorld.Manifest();
            manifest["spec"]!["postgresql"]!["parameters"] = new JsonObject(parameters.Select(p => KeyValuePair.Create(p.Name, (JsonNode?)JsonValue.Create(p.Value))));
            return manifest;
        }
    }
}
