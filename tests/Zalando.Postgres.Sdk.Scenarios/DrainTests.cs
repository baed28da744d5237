using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Reconciliation.Patroni;
using Zalando.Postgres.Sdk.Resources.Configuration;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Scenarios.World;

namespace Zalando.Postgres.Sdk.Scenarios;

/// <summary>Nodes that leave: drains with evictions, disruption budgets, taints.</summary>
public sealed class DrainTests
{
    private const string Name = EquippedWorld.Cluster;
    private static readonly string[] Two = ["node-2"];
    private static readonly string[] Three = ["node-2", "node-3"];

    [Fact]
    public async Task A_drain_takes_the_primary_away_by_a_switchover_before_its_pod_may_go_and_a_replica_at_once()
    {
        await using var equipped = await EquippedWorld.StartAsync(nodes: Three);
        var world = equipped.World;
        Assert.Equal(["node-1", "node-2"], world.Nodes());
        // Without the operator the budget holds the drain.
        await world.StopOperatorAsync();
        Assert.False(await world.EvictAsync(Name + "-0"));
        world.StartOperator();
        var leaders = new List<string?>();
        using var subscription = world.Server.Access.Subscribe(change =>
        {
            if (change is { Type: "DELETED", Kind.Kind: "Pod" }) leaders.Add(world.Patroni.LeaderOf("default", Name));
        });
        await DrainAsync(world, "node-1");
        Assert.Equal([$"switchover {Name}-0 -> {Name}-1"], equipped.Patroni.Log);
        Assert.Equal([Name + "-1"], leaders);
        Assert.Equal((2, 1), (world.PodLives[Name + "-0"].Count, world.PodLives[Name + "-1"].Count));
        Assert.DoesNotContain("node-1", world.Nodes());
        world.Cordon("node-1", isClosed: false);
        // A replica may go at once, and nobody leads elsewhere for it.
        var replica = world.Members().Single(p => (string?)p["metadata"]!["labels"]!["spilo-role"] == "replica");
        world.Cordon((string)replica["spec"]!["nodeName"]!);
        Assert.True(await world.EvictAsync((string)replica["metadata"]!["name"]!));
        await world.RunUntilAsync(() => world.IsRunning() && world.Members().Count == 2, "the replica is back");
        Assert.Single(equipped.Patroni.Log);
        Assert.Contains(world.Server.Access.List(KubernetesKinds.Event, "default"), e => (string?)e["reason"] == "Switchover" && ((string)e["message"]!).Contains("node-1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task When_both_members_have_to_leave_the_replica_is_made_again_elsewhere_and_takes_over_then()
    {
        await using var equipped = await EquippedWorld.StartAsync(nodes: Three, before: static world => world.Cordon("node-3"));
        var world = equipped.World;
        world.Cordon("node-3", isClosed: false);
        world.Cordon("node-1");
        await DrainAsync(world, "node-2", "node-1");
        Assert.Equal(["node-3", "node-3"], world.Nodes());
        Assert.Equal([$"switchover {Name}-0 -> {Name}-1"], equipped.Patroni.Log);
        Assert.All(world.PodLives.Values, l => Assert.Equal(2, l.Count));
    }

    [Fact]
    public async Task A_replica_that_cannot_take_over_is_waited_for_with_words_and_the_primary_stays()
    {
        await using var equipped = await EquippedWorld.StartAsync(nodes: Three);
        var world = equipped.World;
        var behind = true;
        world.Patroni.Record = (name, record) =>
        {
            if (behind && name == Name + "-1") record["xlog_location"] = -900_000_000;
        };
        await world.SettleAsync();
        world.Cordon("node-1");
        await world.SettleAsync();
        Assert.False(await world.EvictAsync(Name + "-0"));
        Assert.Contains(world.Cluster()!.Status!.Pending!, p => p is { WaitsFor: "ReplicaLag" } && p.Change!.Contains("switch over", StringComparison.Ordinal));
        behind = false;
        await DrainAsync(world, "node-1");
        Assert.Single(equipped.Patroni.Log);
    }

    [Fact]
    public async Task A_single_member_is_made_again_elsewhere_in_the_maintenance_window_and_no_drain_hangs()
    {
        await using var equipped = await EquippedWorld.StartAsync(new OperatorParameters { MaintenanceWindows = ["02:00-03:00"] }, OperatorWorld.Manifest(instances: 1), Two, watchDuration: TimeSpan.FromHours(12));
        var world = equipped.World;
        world.Cordon("node-1");
        await world.SettleAsync();
        Assert.False(await world.EvictAsync(Name + "-0"));
        var pending = Assert.Single(world.Cluster()!.Status!.Pending!, p => p.WaitsFor == "MaintenanceWindow");
        Assert.Equal(2, pending.Until!.Value.Value.Hour);
        await world.RunUntilAsync(() => world.Time.GetUtcNow().Hour == 2, "the window opens");
        await DrainAsync(world, "node-1");
        Assert.Equal(2, world.Time.GetUtcNow().Hour);
        Assert.Equal(["node-2"], world.Nodes());
        Assert.Empty(equipped.Patroni.Log);
        Assert.Equal(2, world.PodLives[Name + "-0"].Count);
    }

    [Fact]
    public async Task A_closed_node_that_carries_the_readiness_label_is_not_left_and_one_that_loses_it_is()
    {
        await using var equipped = await EquippedWorld.StartAsync(
            new OperatorParameters { Kubernetes = new() { NodeReadinessLabel = new Dictionary<string, string> { ["lifecycle-status"] = "ready" } } }, nodes: Three, before: static world =>
            {
                foreach (var node in (string[])["node-1", .. Three]) world.ChangeNode(node, n => n["metadata"]!["labels"]!["lifecycle-status"] = "ready");
            });
        var world = equipped.World;
        world.Cordon("node-1");
        await world.SettleAsync();
        Assert.Empty(equipped.Patroni.Log);
        world.ChangeNode("node-1", n => ((JsonObject)n["metadata"]!["labels"]!).Remove("lifecycle-status"));
        await DrainAsync(world, "node-1");
        Assert.Equal([$"switchover {Name}-0 -> {Name}-1"], equipped.Patroni.Log);
    }

    [Fact]
    public async Task With_a_budget_over_all_members_one_after_the_other_goes()
    {
        await using var equipped = await EquippedWorld.StartAsync(new OperatorParameters { Kubernetes = new() { PdbMasterLabelSelector = false } }, nodes: Three);
        var world = equipped.World;
        await DrainAsync(world, "node-1");
        world.Cordon("node-1", isClosed: false);
        await DrainAsync(world, "node-2");
        Assert.DoesNotContain("node-2", world.Nodes());
        Assert.Equal(2, world.Members().Count);
    }

    [Fact]
    public async Task Poolers_leave_a_node_without_asking_the_operator()
    {
        var manifest = OperatorWorld.Manifest();
        manifest["spec"]!["enableConnectionPooler"] = true;
        await using var equipped = await EquippedWorld.StartAsync(manifest: manifest, nodes: Three);
        var world = equipped.World;
        await world.RunUntilAsync(() => world.Poolers().Count(OperatorWorld.IsReady) == 2, "the pooler is ready");
        var node = (string)world.Poolers()[0]["spec"]!["nodeName"]!;
        world.Cordon(node);
        foreach (var pod in world.Poolers().Where(p => (string?)p["spec"]!["nodeName"] == node)) Assert.True(await world.EvictAsync((string)pod["metadata"]!["name"]!));
        await world.RunUntilAsync(() => world.Poolers().Count(OperatorWorld.IsReady) == 2 && world.Poolers().All(p => (string?)p["spec"]!["nodeName"] != node), "the pooler is elsewhere");
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public async Task No_member_is_evicted_in_the_middle_of_a_major_upgrade_and_the_drain_goes_on_after_it(bool operatorDies, bool budgetOfPrimary)
    {
        var upgrade = new SimulatedUpgrade(160004) { Duration = 20 };
        await using var world = await UpgradingAsync(upgrade, budgetOfPrimary);
        // Two budgets for one pod would answer an eviction with an error.
        Assert.Equal([null, budgetOfPrimary ? "true" : null], Labels(world));
        if (operatorDies) await world.StopOperatorAsync();
        foreach (var pod in (string[])[Name + "-0", Name + "-1"])
        {
            world.Cordon(world.Nodes()[pod[^1] - '0']!);
            Assert.False(await world.EvictAsync(pod));
        }

        if (operatorDies) world.StartOperator();
        await world.RunUntilAsync(() => world.Annotation(ClusterAnnotations.LastMajorUpgradeSuccess) is not null && world.IsRunning(), "the upgrade is done");
        await DrainAsync(world, "node-1", "node-2");
        Assert.Equal((1, 170001), (upgrade.Starts, upgrade.Version));
        Assert.Equal([null, null], Labels(world));
        Assert.Equal(["node-3", "node-3"], world.Nodes());
        Assert.Equal("1", world.Server.Access.Get(KubernetesKinds.PodDisruptionBudget, OperatorWorld.Namespace, $"postgres-{Name}-pdb")!["spec"]!["minAvailable"]!.ToJsonString());
    }

    [Fact]
    public async Task The_label_of_a_critical_operation_follows_when_the_primary_moves_in_an_upgrade()
    {
        var upgrade = new SimulatedUpgrade(160004) { Duration = 20 };
        await using var world = await UpgradingAsync(upgrade, budgetOfPrimary: true);
        var written = 0;
        var labels = string.Join(',', Labels(world));
        using var subscription = world.Server.Access.Subscribe(change =>
        {
            if (change is not { Kind.Kind: "Pod", Type: "MODIFIED" } || string.Join(',', Labels(world)) is not { } now || now == labels) return;
            labels = now;
            written++;
        });
        world.Patroni.SwitchOver(OperatorWorld.Namespace, Name, Name + "-1");
        await world.SettleAsync();
        Assert.Equal(["true", null], Labels(world));
        foreach (var pod in (string[])[Name + "-0", Name + "-1"]) Assert.False(await world.EvictAsync(pod));
        await world.RunUntilAsync(() => world.Annotation(ClusterAnnotations.LastMajorUpgradeSuccess) is not null && world.IsRunning(), "the upgrade is done");
        await world.SettleAsync();
        Assert.Equal([null, null], Labels(world));
        // One label comes, two go.
        Assert.Equal(3, written);
    }

    [Fact]
    public async Task A_label_that_the_reference_left_on_the_primary_ends_no_drain_and_one_on_a_replica_stays()
    {
        await using var equipped = await EquippedWorld.StartAsync(nodes: Three);
        var world = equipped.World;
        await world.StopOperatorAsync();
        foreach (var pod in world.Members())
        {
            pod["metadata"]!["labels"]!["critical-operation"] = "true";
            world.Server.Access.Update(KubernetesKinds.Pod, pod);
        }

        world.StartOperator();
        await world.SettleAsync();
        Assert.Equal([null, "true"], Labels(world));
        foreach (var pod in (string[])[Name + "-0", Name + "-1"]) Assert.False(await world.EvictAsync(pod));
        await DrainAsync(world, "node-1");
        Assert.Equal([null, null], Labels(world));
        Assert.Equal([$"switchover {Name}-0 -> {Name}-1"], equipped.Patroni.Log);
    }

    [Fact]
    public async Task A_taint_that_evicts_costs_one_failover_and_the_member_is_back_elsewhere()
    {
        await using var equipped = await EquippedWorld.StartAsync(nodes: Three);
        var world = equipped.World;
        Taint(world, "node-1");
        await world.RunUntilAsync(() => world.IsRunning() && world.Members().Count == 2 && !world.Nodes().Contains("node-1"), "the member is back");
        await world.SettleAsync();
        Assert.Equal((2, 1), (world.PodLives[Name + "-0"].Count, world.PodLives[Name + "-1"].Count));
        Assert.Empty(equipped.Patroni.Log);
    }

    [Fact]
    public async Task Members_that_find_no_node_for_a_taint_come_up_when_the_configuration_tolerates_it_and_others_are_not_touched()
    {
        await using var equipped = await EquippedWorld.StartAsync(nodes: Two);
        var world = equipped.World;
        world.Cordon("node-2");
        Taint(world, "node-1");
        await world.RunUntilAsync(() => world.Members().Count == 2 && world.Nodes()[0] is null, "the member waits for a node");
        await world.SettleAsync();
        Assert.Contains("untolerated taint", string.Concat(world.Cluster()!.Status!.Conditions!.Select(c => c.Message)) + string.Concat(world.Members().Select(p => p["status"]!.ToJsonString())), StringComparison.Ordinal);
        world.Configure(new OperatorParameters { Kubernetes = new() { Toleration = new Dictionary<string, string> { ["key"] = "postgres", ["operator"] = "Exists", ["effect"] = "NoExecute" } } });
        await world.RunUntilAsync(() => world.IsRunning() && world.Nodes() is ["node-1", "node-2"], "the member has its node");
        await world.SettleAsync();
        Assert.Single(world.PodLives[Name + "-1"]);
        Assert.Equal(3, world.PodLives[Name + "-0"].Count);
    }

    private static async Task<OperatorWorld> UpgradingAsync(SimulatedUpgrade upgrade, bool budgetOfPrimary)
    {
        var world = await OperatorWorld.StartAsync(new OperatorParameters { Kubernetes = new() { PdbMasterLabelSelector = budgetOfPrimary } }, nodes: Three);
        world.Server.PodRuntime = upgrade;
        var patroni = new FakePatroniClient(world.Patroni, Name) { ServerVersion = () => upgrade.Version };
        world.Plugins = services => services with { Executors = [new PatroniChangeExecutor(patroni)], Patroni = patroni };
        world.StartOperator();
        world.Apply(Versioned("16"));
        await world.RunUntilAsync(() => world.IsRunning(), "the cluster runs");
        var protectedAt = -1;
        using var subscription = world.Server.Access.Subscribe(change =>
        {
            var isProtection = change.Kind.Kind == "Pod" ? (string?)change.Object["metadata"]!["labels"]!["critical-operation"] == "true"
                : change.Kind.Kind == "PodDisruptionBudget" && change.Object["spec"]!["minAvailable"]?.ToJsonString() == "\"100%\"";
            if (isProtection && protectedAt < 0) protectedAt = upgrade.Starts;
        });
        world.Apply(Versioned("17"));
        await world.RunUntilAsync(() => upgrade.Starts == 1, "the upgrade is under way");
        await world.SettleAsync();
        Assert.Equal(0, protectedAt);
        return world;

        static JsonObject Versioned(string version)
        {
            var manifest = OperatorWorld.Manifest();
            manifest["spec"]!["postgresql"]!["version"] = version;
            return manifest;
        }
    }

    private static IEnumerable<string?> Labels(OperatorWorld world) => world.Members().Select(p => (string?)p["metadata"]!["labels"]!["critical-operation"]);

    // As kubectl does: close the nodes, then evict what is there again and again until nothing is left.
    private static async Task DrainAsync(OperatorWorld world, params string[] nodes)
    {
        foreach (var node in nodes) world.Cordon(node);
        for (var tries = 0; ; tries++)
        {
            Assert.True(tries < 200, "The drain hangs: " + string.Join("; ", world.Cluster()?.Status?.Pending?.Select(p => $"{p.Change}: {p.Message}") ?? []));
            await world.SettleAsync();
            var left = world.Members().Where(p => nodes.Contains((string?)p["spec"]!["nodeName"])).ToArray();
            if (left.Length == 0 && world.IsRunning()) return;
            foreach (var pod in left) await world.EvictAsync((string)pod["metadata"]!["name"]!);
            var until = world.Time.GetUtcNow();
            await world.RunUntilAsync(() => world.Time.GetUtcNow() > until, "time passes");
        }
    }

    private static void Taint(OperatorWorld world, string node) => world.ChangeNode(node, n => n["spec"]!["taints"] = new JsonArray(new JsonObject { ["key"] = "postgres", ["effect"] = "NoExecute" }));
}
