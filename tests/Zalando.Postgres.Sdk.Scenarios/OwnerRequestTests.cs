using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Reconciliation.History;
using Zalando.Postgres.Sdk.Reconciliation.Patroni;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Scenarios.World;

namespace Zalando.Postgres.Sdk.Scenarios;

/// <summary>What the owner of a cluster can ask for: a pause, restarts at a good time, a switchover, no members at all.</summary>
public sealed class OwnerRequestTests
{
    private const string Name = "acid-minimal-cluster";

    [Fact]
    public async Task A_paused_cluster_is_left_alone_says_so_and_goes_on_when_the_pause_ends()
    {
        await using var world = await StartedAsync();
        var end = world.Time.GetUtcNow().AddMinutes(20);
        var paused = Edited(cpu: "2");
        paused["spec"]!["paused"] = true;
        paused["spec"]!["pausedUntil"] = end.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'");
        world.Apply(paused);
        await world.SettleAsync();
        Assert.All(world.PodLives.Values, l => Assert.Single(l));
        Assert.Null((string?)Set(world)["spec"]!["template"]!["spec"]!["containers"]![0]!["resources"]!["limits"]?["cpu"] is "2" ? "changed" : null);
        var condition = Condition(world, "Paused");
        Assert.Equal(("True", "RequestedByOwner"), (condition.Status, condition.Reason));
        var pending = world.Cluster()!.Status!.Pending!;
        Assert.All(pending, p => Assert.Equal("Paused", p.WaitsFor));
        Assert.Equal(end.ToUnixTimeSeconds(), pending[0].Until!.Value.Value.ToUnixTimeSeconds());
        await world.RunUntilAsync(() => world.PodLives.Values.All(l => l.Count == 2) && world.IsRunning(), "the change is made after the pause");
        Assert.True(world.Time.GetUtcNow() >= end);
        Assert.Equal("False", Condition(world, "Paused").Status);
    }

    [Fact]
    public async Task A_paused_cluster_can_be_deleted()
    {
        await using var world = await StartedAsync();
        var paused = OperatorWorld.Manifest();
        paused["spec"]!["paused"] = true;
        world.Apply(paused);
        await world.SettleAsync();
        world.Server.Access.Delete(Postgresql.Descriptor, OperatorWorld.Namespace, Name);
        await world.RunUntilAsync(() => !world.Snapshot().Keys.Any(k => k.Contains(Name, StringComparison.Ordinal)), "everything is gone");
    }

    [Fact]
    public async Task Restarts_wait_for_the_approval_of_the_owner_and_for_that_manifest_only()
    {
        await using var world = await StartedAsync();
        Annotate(world, RestartAnnotations.Policy, "approval");
        world.Apply(Edited(cpu: "2"));
        await world.SettleAsync();
        Assert.All(world.PodLives.Values, l => Assert.Single(l));
        var pending = world.Cluster()!.Status!.Pending!;
        Assert.All(pending, p => Assert.Equal("Approval", p.WaitsFor));
        Assert.Equal("Running", world.Cluster()!.Status!.PostgresClusterStatus);
        Annotate(world, RestartAnnotations.Approval, pending[0].Approval);
        world.Apply(Edited(cpu: "3"));
        await world.SettleAsync();
        Assert.All(world.PodLives.Values, l => Assert.Single(l));
        Annotate(world, RestartAnnotations.Approval, world.Cluster()!.Status!.Pending![0].Approval);
        await world.RunUntilAsync(() => world.PodLives.Values.All(l => l.Count == 2) && world.IsRunning(), "the members are made again");
        await world.SettleAsync();
        Assert.Null(world.Cluster()!.Status!.Pending);
        Assert.Contains("make pod", world.Cluster()!.Status!.LastRestart!.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Restarts_wait_for_the_maintenance_window_and_several_edits_cost_one_restart()
    {
        await using var world = await StartedAsync(new OperatorParameters { MaintenanceWindows = [Window(2)] });
        Annotate(world, RestartAnnotations.Policy, "window");
        world.Apply(Edited(cpu: "2"));
        await world.SettleAsync();
        world.Apply(Edited(cpu: "3"));
        await world.SettleAsync();
        Assert.All(world.PodLives.Values, l => Assert.Single(l));
        var until = world.Cluster()!.Status!.Pending![0].Until!.Value.Value;
        Assert.Equal(0, until.Minute);
        Assert.True(until > world.Time.GetUtcNow());
        await world.RunUntilAsync(() => world.PodLives.Values.All(l => l.Count == 2) && world.IsRunning(), "the members are made again", TimeSpan.FromHours(26));
        Assert.True(world.Time.GetUtcNow() >= until);
        Assert.All(world.Server.Access.List(KubernetesKinds.Pod, OperatorWorld.Namespace), p => Assert.Equal("3", Cpu(p["spec"]!)));
    }

    [Fact]
    public async Task Switched_off_windows_hold_nothing_back()
    {
        await using var world = await StartedAsync(new OperatorParameters { EnableMaintenanceWindows = false, MaintenanceWindows = [Window(2)] });
        Annotate(world, RestartAnnotations.Policy, "window");
        world.Apply(Edited(cpu: "2"));
        await world.RunUntilAsync(() => world.PodLives.Values.All(l => l.Count == 2) && world.IsRunning(), "the members are made again", TimeSpan.FromMinutes(10));
    }

    [Fact]
    public async Task A_switchover_on_request_is_made_once_and_the_request_is_taken_away()
    {
        await using var world = await StartedAsync();
        Annotate(world, ClusterAnnotations.Switchover, Name + "-1");
        await world.RunUntilAsync(() => Requested(world) is null, "the request is fulfilled");
        await world.SettleAsync();
        Assert.Equal([$"switchover {Name}-0 -> {Name}-1"], _patroni!.Log);
        Assert.Equal(Name + "-1", world.Patroni.LeaderOf(OperatorWorld.Namespace, Name));
        var entry = Assert.Single(History(world), e => e.Change.StartsWith("switch over", StringComparison.Ordinal));
        Assert.Contains("the owner asked for it", entry.Causes[0], StringComparison.Ordinal);
        Assert.Equal(Name + "-0", world.Cluster()!.Status!.LastRestart!.Member);
    }

    [Fact]
    public async Task A_switchover_to_anybody_at_a_time_waits_for_the_time_and_chooses_the_replica()
    {
        await using var world = await StartedAsync();
        var at = world.Time.GetUtcNow().AddMinutes(30);
        Annotate(world, ClusterAnnotations.Switchover, $"any@{at:O}");
        await world.SettleAsync();
        Assert.Empty(_patroni!.Log);
        Assert.Contains(world.Cluster()!.Status!.Pending!, p => p.WaitsFor == "Time" && p.Until is not null);
        await world.RunUntilAsync(() => Requested(world) is null, "the request is fulfilled");
        Assert.True(world.Time.GetUtcNow() >= at);
        Assert.Single(_patroni.Log);
    }

    [Fact]
    public async Task A_switchover_that_cannot_be_is_refused_with_words_and_changes_nothing()
    {
        await using var world = await StartedAsync();
        Annotate(world, ClusterAnnotations.Switchover, Name + "-7");
        await world.SettleAsync();
        Assert.Empty(_patroni!.Log);
        Assert.Contains(world.Server.Access.List(KubernetesKinds.Event, OperatorWorld.Namespace), e => (string?)e["reason"] == "SwitchoverNotPossible" && ((string)e["message"]!).Contains(Name + "-7", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_replica_that_is_behind_does_not_take_over_until_it_has_caught_up()
    {
        await using var world = await StartedAsync();
        var behind = true;
        world.Patroni.Record = (name, record) =>
        {
            if (behind && name == Name + "-1") record["xlog_location"] = -900_000_000;
        };
        await world.SettleAsync();
        Annotate(world, ClusterAnnotations.Switchover, "any");
        await world.SettleAsync();
        Assert.Contains(world.Cluster()!.Status!.Pending!, p => p.WaitsFor == "ReplicaLag");
        behind = false;
        await world.RunUntilAsync(() => Requested(world) is null, "the replica has caught up and leads");
        Assert.Single(_patroni!.Log);
    }

    [Fact]
    public async Task A_cluster_can_sleep_and_wakes_with_its_volumes()
    {
        await using var world = await StartedAsync();
        var claims = Claims(world);
        world.Apply(OperatorWorld.Manifest(instances: 0));
        await world.RunUntilAsync(() => world.PodNames().Count == 0 && Condition(world, "Ready").Reason == "Hibernated", "no member is left");
        await world.SettleAsync();
        Assert.Equal("Running", world.Cluster()!.Status!.PostgresClusterStatus);
        Assert.Empty(_patroni!.Log);
        Assert.Equal(claims, Claims(world));
        world.Apply(OperatorWorld.Manifest());
        await world.RunUntilAsync(() => world.IsRunning() && world.PodNames().Count == 2, "it wakes");
        Assert.Equal(claims, Claims(world));
        Assert.All(world.Passwords.Values, p => Assert.Single(p));
    }

    [Fact]
    public async Task The_history_tells_weeks_later_why_a_member_was_made_again_and_costs_nothing_at_rest()
    {
        await using var world = await StartedAsync();
        world.Apply(Edited(cpu: "2"));
        await world.RunUntilAsync(() => world.PodLives.Values.All(l => l.Count == 2) && world.IsRunning(), "the members are made again");
        await world.SettleAsync();
        var recreations = History(world).Where(e => e.Change.StartsWith("make pod", StringComparison.Ordinal)).ToArray();
        Assert.Equal(2, recreations.Length);
        Assert.All(recreations, e => Assert.Contains(e.Causes, c => c.Contains("limits", StringComparison.Ordinal) && c.Contains("cpu", StringComparison.Ordinal)));
        await world.StopOperatorAsync();
        world.Time.Advance(TimeSpan.FromDays(21));
        var process = world.StartOperator();
        await world.SettleAsync();
        process.Engine.EnqueueAll(Reconciliation.Queue.ReconcilePriority.Resync);
        await world.SettleAsync();
        Assert.Equal(0, process.Client.Calls);
        Assert.Equal(2, History(world).Count(e => e.Change.StartsWith("make pod", StringComparison.Ordinal)));
        Assert.All(world.Passwords.Values.SelectMany(p => p), secret => Assert.DoesNotContain(secret, Stored(world).ToJsonString(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_member_that_does_not_start_stops_the_roll_with_the_words_of_its_pod()
    {
        await using var world = await StartedAsync(instances: 3);
        using var subscription = world.Server.Access.Subscribe(change =>
        {
            if (change is { Type: "ADDED", Kind.Kind: "Pod" }) world.Server.Controllers!.Node!.HoldUnready("default", (string)change.Object["metadata"]!["name"]!);
        });
        world.Apply(Edited(cpu: "2", instances: 3));
        await world.RunUntilAsync(() => Condition(world, "Degraded").Reason == "FailedCanary", "the roll stops and says so");
        Assert.Single(world.PodLives.Values, l => l.Count == 2);
        var broken = world.PodLives.Single(l => l.Value.Count == 2).Key;
        Assert.Contains(broken, Condition(world, "Degraded").Message, StringComparison.Ordinal);
        Assert.Contains("10 min", Condition(world, "Degraded").Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Settings_that_need_a_restart_are_restarted_for_replicas_first_and_pods_stay()
    {
        await using var world = await StartedAsync(instances: 3);
        var waiting = new HashSet<string>(StringComparer.Ordinal) { Name + "-0", Name + "-1", Name + "-2" };
        var addresses = world.Server.Access.List(KubernetesKinds.Pod, OperatorWorld.Namespace).ToDictionary(p => (string)p["status"]!["podIP"]!, p => (string)p["metadata"]!["name"]!);
        _patroni!.Restarted = host => waiting.Remove(addresses[host]);
        world.Patroni.Record = (name, record) =>
        {
            if (!waiting.Contains(name)) return;
            record["pending_restart"] = true;
            record["pending_restart_reason"] = new JsonObject { ["max_connections"] = new JsonObject { ["old_value"] = "100", ["new_value"] = "200" } };
        };
        await world.RunUntilAsync(() => waiting.Count == 0 && world.IsRunning(), "all members are restarted");
        Assert.Equal([Name + "-1", Name + "-2", Name + "-0"], _patroni.Log.Select(l => addresses[l["restart ".Length..]]).Distinct());
        Assert.All(world.PodLives.Values, l => Assert.Single(l));
    }

    private FakePatroniClient? _patroni;

    private async Task<OperatorWorld> StartedAsync(OperatorParameters? parameters = null, int instances = 2)
    {
        var world = await OperatorWorld.StartAsync(parameters);
        _patroni = new FakePatroniClient(world.Patroni, Name);
        world.Plugins = services => services with { Executors = [new PatroniChangeExecutor(_patroni)] };
        world.StartOperator();
        world.Apply(OperatorWorld.Manifest(instances: instances));
        await world.RunUntilAsync(() => world.IsRunning(), "the cluster runs");
        await world.SettleAsync();
        return world;
    }

    private static JsonObject Edited(string cpu, int instances = 2)
    {
        var manifest = OperatorWorld.Manifest(instances: instances);
        manifest["spec"]!["resources"] = new JsonObject { ["limits"] = new JsonObject { ["cpu"] = cpu, ["memory"] = "1Gi" }, ["requests"] = new JsonObject { ["cpu"] = "100m", ["memory"] = "500Mi" } };
        return manifest;
    }

    private static string Window(int hour) => $"{hour:00}:00-{hour + 1:00}:00";

    private static void Annotate(OperatorWorld world, string annotation, string? value)
    {
        var present = world.Server.Access.Get(Postgresql.Descriptor, OperatorWorld.Namespace, Name)!;
        if (present["metadata"]!["annotations"] is not JsonObject annotations) present["metadata"]!["annotations"] = annotations = [];
        annotations[annotation] = value;
        world.Server.Access.Update(Postgresql.Descriptor, present);
    }

    private static string? Requested(OperatorWorld world) =>
        (string?)world.Server.Access.Get(Postgresql.Descriptor, OperatorWorld.Namespace, Name)!["metadata"]!["annotations"]?[ClusterAnnotations.Switchover];

    private static JsonObject Set(OperatorWorld world) => world.Server.Access.Get(KubernetesKinds.StatefulSet, OperatorWorld.Namespace, Name)!;

    private static string? Cpu(JsonNode spec) => (string?)spec["containers"]![0]!["resources"]!["limits"]!["cpu"];

    private static JsonObject Stored(OperatorWorld world) => world.Server.Access.Get(KubernetesKinds.ConfigMap, OperatorWorld.Namespace, ClusterHistory.NameOf(Name))!;

    private static IReadOnlyList<HistoryEntry> History(OperatorWorld world) => ClusterHistory.Read(Stored(world));

    private static IReadOnlyList<string> Claims(OperatorWorld world) => [.. world.Server.Access.List(KubernetesKinds.PersistentVolumeClaim, OperatorWorld.Namespace).Select(c => (string)c["metadata"]!["uid"]!).Order(StringComparer.Ordinal)];

    private static Condition Condition(OperatorWorld world, string type) => world.Cluster()!.Status!.Conditions!.Single(c => c.Type == type);
}
