using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Reconciliation.Patroni;
using Zalando.Postgres.Sdk.Reconciliation.Plugins;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Samples.Plugins;
using Zalando.Postgres.Sdk.Scenarios.World;

namespace Zalando.Postgres.Sdk.Scenarios;

/// <summary>The samples of plugins do what they say, and plugins that fail or hang are named and contained.</summary>
public sealed class SamplePluginTests
{
    private const string Name = "acid-minimal-cluster";

    [Fact]
    public async Task A_filter_a_policy_and_a_step_work_together_and_cost_nothing_at_rest()
    {
        await using var world = await OperatorWorld.StartAsync(watchDuration: TimeSpan.FromHours(6));
        var patroni = new FakePatroniClient(world.Patroni, Name);
        world.Plugins = services => services with
        {
            Executors = [new PatroniChangeExecutor(patroni)], Filters = [new CostCentreAnnotation()], Policies = [new NoRestartsOnFridays(world.Time)], Steps = [new ConnectionInformation(world.Client)],
        };
        var process = world.StartOperator();
        world.Apply(OperatorWorld.Manifest());
        await world.RunUntilAsync(() => world.IsRunning(), "the cluster runs");
        await world.SettleAsync();
        Assert.Equal("acid", (string?)world.Server.Access.Get(KubernetesKinds.Service, "default", Name)!["metadata"]!["annotations"]![CostCentreAnnotation.Name]);
        Assert.Equal($"{Name}.default.svc", (string?)world.Server.Access.Get(KubernetesKinds.ConfigMap, "default", Name + "-connection")!["data"]!["host"]);
        while (world.Time.GetUtcNow().DayOfWeek != DayOfWeek.Friday) world.Time.Advance(TimeSpan.FromDays(1));
        await world.SettleAsync();
        var edited = OperatorWorld.Manifest();
        edited["spec"]!["env"] = new System.Text.Json.Nodes.JsonArray(new System.Text.Json.Nodes.JsonObject { ["name"] = "COLOUR", ["value"] = "blue" });
        world.Apply(edited);
        await world.SettleAsync();
        Assert.All(world.PodLives.Values, l => Assert.Single(l));
        Assert.Contains(world.Server.Access.List(KubernetesKinds.Event, "default"), e => ((string)e["message"]!).Contains("nothing is restarted on Fridays", StringComparison.Ordinal));
        await world.RunUntilAsync(() => world.PodLives.Values.All(l => l.Count == 2) && world.IsRunning(), "Saturday comes", TimeSpan.FromDays(2));
        Assert.Equal(DayOfWeek.Saturday, world.Time.GetUtcNow().DayOfWeek);
        await world.SettleAsync();
        var calls = process.Client.Calls;
        process.Engine.EnqueueAll(Reconciliation.Queue.ReconcilePriority.Resync);
        await world.SettleAsync();
        Assert.Equal(calls, process.Client.Calls);
    }

    [Fact]
    public async Task A_filter_that_throws_is_named_and_only_its_cluster_is_not_made()
    {
        await using var world = await OperatorWorld.StartAsync();
        world.Plugins = services => services with { Filters = [new BrokenFilter()] };
        world.StartOperator();
        world.Apply(OperatorWorld.Manifest("acid-unlucky"));
        world.Apply(OperatorWorld.Manifest());
        await world.RunUntilAsync(() => world.IsRunning() && world.Cluster("acid-unlucky")!.Status?.PostgresClusterStatus == "CreateFailed", "the other cluster runs");
        Assert.Contains(nameof(BrokenFilter), world.Cluster("acid-unlucky")!.Status!.Conditions!.Single(c => c.Type == "Degraded").Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_policy_that_hangs_holds_no_place_of_a_worker_and_is_named()
    {
        await using var world = await OperatorWorld.StartAsync();
        world.ThingsMayHang = true;
        world.EngineOptions = world.EngineOptions with { Workers = 1 };
        world.Plugins = services => services with { Policies = [new HangingPolicy()] };
        world.StartOperator();
        world.Apply(OperatorWorld.Manifest("acid-unlucky"));
        await world.SettleAsync();
        var before = world.Time.GetUtcNow();
        world.Apply(OperatorWorld.Manifest());
        while (!world.IsRunning()) await world.SettleAsync();
        Assert.Equal(before, world.Time.GetUtcNow());
        await world.RunUntilAsync(
            () => world.Cluster("acid-unlucky")!.Status?.Conditions?.Any(c => c.Type == "Degraded" && c.Message!.Contains(nameof(HangingPolicy), StringComparison.Ordinal)) == true, "the policy is named");
    }

    [Fact]
    public async Task Passwords_teams_and_configuration_come_from_files()
    {
        var directory = Directory.CreateTempSubdirectory("plugins-").FullName;
        try
        {
            Directory.CreateDirectory(Path.Combine(directory, "default", "acid"));
            await File.WriteAllTextAsync(Path.Combine(directory, "default", "acid", "postgres"), "s3cret\n", TestContext.Current.CancellationToken);
            var passwords = new MountedPasswords(directory);
            Assert.Equal("s3cret", (await passwords.FindPasswordAsync(new("default", "acid"), "postgres", TestContext.Current.CancellationToken))!.Value.Reveal());
            Assert.Null(await passwords.FindPasswordAsync(new("default", "acid"), "../acid/postgres", TestContext.Current.CancellationToken));
            await File.WriteAllTextAsync(Path.Combine(directory, "shop"), "# on call\nanna\n\nbert\n", TestContext.Current.CancellationToken);
            var teams = new TeamsFromDirectory(directory);
            Assert.Equal(["anna", "bert"], (await teams.FindAsync("shop", TestContext.Current.CancellationToken))!.Members);
            Assert.Null(await teams.FindAsync("../shop", TestContext.Current.CancellationToken));
            var file = Path.Combine(directory, "configuration.yaml");
            await File.WriteAllTextAsync(file, "apiVersion: acid.zalan.do/v1\nkind: OperatorConfiguration\nmetadata: {name: ours}\nconfiguration: {workers: 3}\n", TestContext.Current.CancellationToken);
            var time = new Testing.Time.ManualTimeProvider();
            var source = new ConfigurationFile(file, time);
            using var stopping = new CancellationTokenSource();
            var arrived = new TaskCompletionSource();
            source.Changed += () => arrived.TrySetResult();
            var running = source.RunAsync(stopping.Token);
            await arrived.Task.WaitAsync(TestContext.Current.CancellationToken);
            Assert.Equal(3, source.Current!.Configuration.Workers);
            await stopping.CancelAsync();
            await running;
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public async Task Volumes_that_are_image_files_grow_and_nothing_outside_their_directory_is_touched()
    {
        var directory = Directory.CreateTempSubdirectory("images-").FullName;
        try
        {
            await File.WriteAllBytesAsync(Path.Combine(directory, "disk-1"), new byte[4096], TestContext.Current.CancellationToken);
            var volumes = new ImageFileVolumes(directory, TimeProvider.System);
            Task<VolumeProgress> Ensure(VolumeTarget target) => volumes.EnsureAsync(target, TestContext.Current.CancellationToken);
            Assert.Equal(4096, (await volumes.DescribeAsync(new() { VolumeId = "disk-1" }, TestContext.Current.CancellationToken)).Bytes);
            Assert.Equal(VolumeState.Reached, (await Ensure(new() { VolumeId = "disk-1", Bytes = 8192 })).State);
            Assert.Equal(VolumeState.Reached, (await Ensure(new() { VolumeId = "disk-1", Bytes = 4096 })).State);
            Assert.Equal(8192, new FileInfo(Path.Combine(directory, "disk-1")).Length);
            Assert.Equal(VolumeState.Refused, (await Ensure(new() { VolumeId = "disk-1", Type = "fast" })).State);
            Assert.Equal(VolumeState.Later, (await Ensure(new() { VolumeId = "disk-1", Bytes = long.MaxValue })).State);
            Assert.Equal(VolumeState.Refused, (await Ensure(new() { VolumeId = "../disk-1", Bytes = 16384 })).State);
            await Assert.ThrowsAsync<FileNotFoundException>(() => volumes.DescribeAsync(new() { VolumeId = "disk-2" }, TestContext.Current.CancellationToken));

            await using var world = await OperatorWorld.StartAsync(new() { Kubernetes = new() { StorageResizeMode = "mixed" } });
            const string provisioner = "in-memory.zalando.org/volumes";
            world.Plugins = services => services with { VolumeResizers = new Dictionary<string, IVolumeResizer>(StringComparer.Ordinal) { [provisioner] = volumes } };
            world.StartOperator();
            world.Apply(OperatorWorld.Manifest(instances: 1));
            await world.RunUntilAsync(() => world.IsRunning(), "the cluster runs");
            var handle = (string)Assert.Single(world.Server.Access.List(KubernetesKinds.PersistentVolume, null))["spec"]!["csi"]!["volumeHandle"]!;
            await File.WriteAllBytesAsync(Path.Combine(directory, handle), [], TestContext.Current.CancellationToken);
            var larger = OperatorWorld.Manifest(instances: 1);
            larger["spec"]!["volume"]!["size"] = "1073741825";
            world.Apply(larger);
            await world.RunUntilAsync(() => world.IsRunning() && new FileInfo(Path.Combine(directory, handle)).Length == 1073741825, "the image grows");
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private sealed class BrokenFilter : IManifestFilter<Service>
    {
        public Service Apply(Service desired, Postgresql cluster) =>
            cluster.Metadata.Name == "acid-unlucky" ? throw new InvalidOperationException("broken") : desired;
    }

    private sealed class HangingPolicy : IPlanPolicy
    {
        public async ValueTask<PolicyDecision> DecideAsync(Plan plan, PlannedChange change, CancellationToken cancellationToken)
        {
            if (plan.Cluster.Name == "acid-unlucky") await new TaskCompletionSource().Task;
            return PolicyDecision.Allow;
        }
    }
}
