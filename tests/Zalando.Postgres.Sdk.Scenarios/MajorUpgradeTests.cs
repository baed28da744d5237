using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Reconciliation.Patroni;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Scenarios.World;

namespace Zalando.Postgres.Sdk.Scenarios;

/// <summary>In-place major version upgrades, from the raised version in the manifest to the annotation of success or failure.</summary>
public sealed class MajorUpgradeTests(ITestOutputHelper output)
{
    private const string Name = "acid-minimal-cluster";

    [Fact]
    public async Task A_raised_version_is_upgraded_in_place_once_and_no_pod_is_made_again()
    {
        var upgrade = new SimulatedUpgrade(160004);
        await using var world = await StartedAsync(upgrade);
        var labels = new List<string?>();
        using var subscription = world.Server.Access.Subscribe(change =>
        {
            if (change is { Kind.Kind: "Pod", Type: "MODIFIED" }) labels.Add((string?)change.Object["metadata"]!["labels"]!["critical-operation"]);
        });
        world.Apply(Manifest("17"));
        await world.RunUntilAsync(() => Annotation(world, ClusterAnnotations.LastMajorUpgradeSuccess) is not null && world.IsRunning(), "the upgrade is done");
        await world.SettleAsync();
        Assert.Equal((170001, 1), (upgrade.Version, upgrade.Starts));
        Assert.Equal(["check", "start", "watch", "watch", "watch"], upgrade.Steps);
        Assert.All(world.PodLives.Values, l => Assert.Single(l));
        Assert.Empty(_patroni!.Log);
        Assert.Equal("17", Version(world));
        Assert.Null(Annotation(world, ClusterAnnotations.MajorUpgrade));
        Assert.Contains("true", labels);
        Assert.All(world.Server.Access.List(KubernetesKinds.Pod, OperatorWorld.Namespace), p => Assert.Null(p["metadata"]!["labels"]!["critical-operation"]));
        Assert.Contains("upgrade PostgreSQL 16 to 17", world.Cluster()!.Status!.LastRestart!.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failed_upgrade_says_why_is_not_tried_again_by_itself_and_can_be_tried_again()
    {
        var upgrade = new SimulatedUpgrade(160004) { ExitCode = 1 };
        await using var world = await StartedAsync(upgrade);
        world.Apply(Manifest("17"));
        await world.RunUntilAsync(() => Annotation(world, ClusterAnnotations.LastMajorUpgradeFailure) is not null, "it fails");
        await world.SettleAsync();
        var degraded = world.Cluster()!.Status!.Conditions!.Single(c => c.Type == "Degraded");
        Assert.Equal("MajorUpgradeFailed", degraded.Reason);
        Assert.Contains("There are prepared transactions", degraded.Message, StringComparison.Ordinal);
        Assert.Equal("16", Version(world));
        Assert.All(world.Server.Access.List(KubernetesKinds.Pod, OperatorWorld.Namespace), p => Assert.Null(p["metadata"]!["labels"]!["critical-operation"]));
        var starts = upgrade.Starts;
        world.Operator!.Engine.EnqueueAll(Reconciliation.Queue.ReconcilePriority.Resync);
        await world.SettleAsync();
        Assert.Equal(starts, upgrade.Starts);
        upgrade.ExitCode = 0;
        Annotate(world, ClusterAnnotations.LastMajorUpgradeFailure, null);
        await world.RunUntilAsync(() => Annotation(world, ClusterAnnotations.LastMajorUpgradeSuccess) is not null && world.IsRunning(), "the second try succeeds");
        await world.SettleAsync();
        Assert.Null(Annotation(world, ClusterAnnotations.LastMajorUpgradeMessage));
        Assert.Equal("False", world.Cluster()!.Status!.Conditions!.Single(c => c.Type == "Degraded").Status);
    }

    [Fact]
    public async Task Taking_the_version_back_after_a_failure_clears_it()
    {
        var upgrade = new SimulatedUpgrade(160004) { IsLost = true };
        await using var world = await StartedAsync(upgrade);
        world.Apply(Manifest("17"));
        await world.RunUntilAsync(() => Annotation(world, ClusterAnnotations.LastMajorUpgradeFailure) is not null, "it fails");
        world.Apply(Manifest("16"));
        await world.RunUntilAsync(() => Annotation(world, ClusterAnnotations.LastMajorUpgradeFailure) is null && world.IsRunning(), "the failure is forgotten");
        Assert.All(world.PodLives.Values, l => Assert.Single(l));
    }

    [Theory]
    [InlineData("lost")]
    [InlineData("none")]
    public async Task A_script_that_was_killed_leaves_no_maintenance_mode_behind_and_is_not_begun_again(string look)
    {
        var upgrade = new SimulatedUpgrade(160004) { Duration = int.MaxValue };
        await using var world = await StartedAsync(upgrade);
        world.Apply(Manifest("17"));
        await world.RunUntilAsync(() => upgrade.Steps.Count(s => s == "watch") > 1, "the script runs");
        world.Patroni.PatchConfiguration(OperatorWorld.Namespace, Name, new JsonObject { ["pause"] = true });
        if (look == "none") upgrade.Forget();
        else (upgrade.IsLost, upgrade.Duration) = (true, 0);
        await world.RunUntilAsync(() => Annotation(world, ClusterAnnotations.LastMajorUpgradeFailure) is not null, "it fails");
        await world.SettleAsync();
        Assert.Equal("patch {\"pause\":null}", Assert.Single(_patroni!.Log));
        Assert.Null(world.Patroni.ConfigurationOf(OperatorWorld.Namespace, Name)!["pause"]);
        Assert.Contains("ended without a result", world.Cluster()!.Status!.Conditions!.Single(c => c.Type == "Degraded").Message, StringComparison.Ordinal);
        Assert.Equal(1, upgrade.Starts);
    }

    [Fact]
    public async Task A_check_that_does_not_pass_holds_up_nothing_else_and_shows_its_words()
    {
        var upgrade = new SimulatedUpgrade(160004) { CheckFailure = "less than 1 GiB is free on the volume of the data" };
        await using var world = await StartedAsync(upgrade);
        var manifest = Manifest("17");
        manifest["spec"]!["enableConnectionPooler"] = true;
        world.Apply(manifest);
        await world.RunUntilAsync(
            () => world.Cluster()!.Status!.Conditions!.Any(c => c.Type == "Degraded" && c.Message!.Contains("less than 1 GiB", StringComparison.Ordinal)), "the check's words are shown");
        Assert.Equal(0, upgrade.Starts);
        // What has nothing to do with the upgrade does not wait for it.
        Assert.NotNull(world.Server.Access.Get(KubernetesKinds.Deployment, OperatorWorld.Namespace, Name + "-pooler"));
        Assert.All(world.Server.Access.List(KubernetesKinds.Pod, OperatorWorld.Namespace), p => Assert.Null(p["metadata"]!["labels"]!["critical-operation"]));
        Assert.Null(Annotation(world, ClusterAnnotations.MajorUpgrade));
        upgrade.CheckFailure = null;
        await world.RunUntilAsync(() => Annotation(world, ClusterAnnotations.LastMajorUpgradeSuccess) is not null, "it is tried again by itself");
    }

    [Fact]
    public async Task An_upgrade_waits_for_the_window_and_for_every_member()
    {
        var upgrade = new SimulatedUpgrade(160004);
        await using var world = await StartedAsync(upgrade, new OperatorParameters { MaintenanceWindows = ["02:00-03:00"] });
        world.Apply(Manifest("17"));
        await world.SettleAsync();
        Assert.Contains(world.Cluster()!.Status!.Pending!, p => p.WaitsFor == "MaintenanceWindow" && p.Change!.StartsWith("upgrade PostgreSQL", StringComparison.Ordinal) && p.Until is not null);
        Assert.Equal("UpgradePending", world.Cluster()!.Status!.Conditions!.Single(c => c.Type == "UpgradeAvailable").Reason);
        var caughtUp = new DateTimeOffset(world.Time.GetUtcNow().Date.AddHours(26).AddMinutes(20), TimeSpan.Zero);
        if (world.Time.GetUtcNow().TimeOfDay < new TimeSpan(2, 0, 0)) caughtUp = caughtUp.AddDays(-1);
        world.Patroni.Record = (member, record) =>
        {
            if (member == Name + "-1" && world.Time.GetUtcNow() < caughtUp) record["xlog_location"] = -900_000_000;
        };
        await world.RunUntilAsync(() => Annotation(world, ClusterAnnotations.LastMajorUpgradeSuccess) is not null, "the upgrade is done", TimeSpan.FromHours(30));
        Assert.InRange(world.Time.GetUtcNow().TimeOfDay, new TimeSpan(2, 20, 0), new TimeSpan(3, 5, 0));
    }

    [Theory]
    [InlineData("off", "other", 0, 160004)]
    [InlineData("off", "acid", 1, 170001)]
    [InlineData("full", "other", 1, 180001)]
    public async Task The_mode_and_the_teams_of_the_configuration_decide(string mode, string team, int starts, int version)
    {
        var upgrade = new SimulatedUpgrade(160004);
        await using var world = await StartedAsync(
            upgrade, new OperatorParameters { MajorVersionUpgrade = new() { Mode = mode, TeamAllowList = [team], MinimalMajorVersion = "17", TargetMajorVersion = "18" } });
        if (mode != "full") world.Apply(Manifest("17"));
        await world.RunUntilAsync(() => world.IsRunning() && upgrade.Version == version, "the version is reached");
        world.Operator!.Engine.EnqueueAll(Reconciliation.Queue.ReconcilePriority.Resync);
        await world.SettleAsync();
        Assert.Equal((starts, version), (upgrade.Starts, upgrade.Version));
    }

    [Fact]
    public Task The_script_is_begun_once_wherever_the_operator_dies() => new CrashSuite(output).RunAsync(new CrashFlow("major upgrade", static world => world.Apply(Manifest("17")))
    {
        Prepare = static world => world.Apply(Manifest("16")),
        Furnish = static world => world.Server.PodRuntime = new SimulatedUpgrade(160004) { Duration = 2 },
        Plugins = static (services, world) =>
        {
            var patroni = new FakePatroniClient(world.Patroni, Name, () => world.Operator?.Client) { ServerVersion = () => UpgradeIn(world).Version };
            return services with { Executors = [new PatroniChangeExecutor(patroni)], Patroni = patroni };
        },
        IsDone = IsDone,
        IsSound = static (world, _) => Assert.InRange(UpgradeIn(world).Starts, IsDone(world) ? 1 : 0, 1),
    });

    private static SimulatedUpgrade UpgradeIn(OperatorWorld world) => (SimulatedUpgrade)world.Server.PodRuntime!;

    private FakePatroniClient? _patroni;

    private async Task<OperatorWorld> StartedAsync(SimulatedUpgrade upgrade, OperatorParameters? parameters = null)
    {
        var world = await OperatorWorld.StartAsync(parameters);
        world.Server.PodRuntime = upgrade;
        _patroni = new FakePatroniClient(world.Patroni, Name) { ServerVersion = () => upgrade.Version };
        world.Plugins = services => services with { Executors = [new PatroniChangeExecutor(_patroni)], Patroni = _patroni };
        world.StartOperator();
        world.Apply(Manifest("16"));
        await world.RunUntilAsync(() => world.IsRunning(), "the cluster runs");
        await world.SettleAsync();
        return world;
    }

    private static bool IsDone(OperatorWorld world) => Annotation(world, ClusterAnnotations.LastMajorUpgradeSuccess) is not null && world.IsRunning() && Version(world) == "17";

    private static JsonObject Manifest(string version)
    {
        var manifest = OperatorWorld.Manifest();
        manifest["spec"]!["postgresql"]!["version"] = version;
        return manifest;
    }

    private static string? Version(OperatorWorld world) =>
        (string?)world.Server.Access.Get(KubernetesKinds.StatefulSet, OperatorWorld.Namespace, Name)!["spec"]!["template"]!["spec"]!["containers"]![0]!["env"]!.AsArray().First(e => (string?)e!["name"] == "PGVERSION")!["value"];

    private static string? Annotation(OperatorWorld world, string annotation) =>
        (string?)world.Server.Access.Get(Postgresql.Descriptor, OperatorWorld.Namespace, Name)!["metadata"]!["annotations"]?[annotation];

    private static void Annotate(OperatorWorld world, string annotation, string? value)
    {
        var present = world.Server.Access.Get(Postgresql.Descriptor, OperatorWorld.Namespace, Name)!;
        var annotations = present["metadata"]!["annotations"]!.AsObject();
        if (value is null) annotations.Remove(annotation);
        else annotations[annotation] = value;
        world.Server.Access.Update(Postgresql.Descriptor, present);
    }
}
