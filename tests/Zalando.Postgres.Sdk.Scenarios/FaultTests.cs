using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Reconciliation.Patroni;
using Zalando.Postgres.Sdk.Reconciliation.Plugins;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Scenarios.World;

namespace Zalando.Postgres.Sdk.Scenarios;

public sealed class FaultTests(ITestOutputHelper output)
{
    private const string Cluster = "acid-minimal-cluster";

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_fifth_of_all_calls_may_fail_and_watches_may_break(int seed)
    {
        await using var world = await OperatorWorld.StartAsync();
        var patroni = new FakePatroniClient(world.Patroni, Cluster, () => world.Operator?.Client);
        world.Plugins = services => services with { Executors = [new PatroniChangeExecutor(patroni)] };
        world.ThingsMayHang = true;
        var faults = new RandomFaults(world, seed);
        world.StartOperator();
        world.Apply(OperatorWorld.Manifest());
        await world.RunUntilAsync(() => world.IsRunning(), "the cluster runs in spite of everything");
        world.Apply(OperatorWorld.Manifest(instances: 3));
        await world.RunUntilAsync(() => world.IsRunning() && world.PodNames().Count == 3, "it grows in spite of everything");
        Assert.All(world.PodLives, p => Assert.Single(p.Value));
        var edited = OperatorWorld.Manifest(instances: 3);
        edited["spec"]!["env"] = new JsonArray(new JsonObject { ["name"] = "COLOUR", ["value"] = "blue" });
        world.Apply(edited);
        await world.RunUntilAsync(() => world.IsRunning() && world.PodLives.Values.All(l => l.Count == 2), "all members are made again in spite of everything");
        Assert.Single(patroni.Log);
        Assert.All(world.Passwords, p => Assert.Single(p.Value));
        world.Server.Access.Delete(Postgresql.Descriptor, OperatorWorld.Namespace, Cluster);
        await world.RunUntilAsync(() => !world.Snapshot().Keys.Any(k => k.Contains(Cluster, StringComparison.Ordinal)), "everything is gone in spite of everything");
        Assert.All(world.PodLives, p => Assert.Equal(2, p.Value.Count));
        Assert.True(faults.Count > 0);
        Console.WriteLine($"measured: faults with seed {seed}: {faults.Count} of the calls failed; create, scale, rolling update and delete went through");
        output.WriteLine($"seed {seed}: {faults.Count} faults");
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public async Task A_fifth_of_all_calls_may_fail_through_poolers_a_rotation_and_a_drain(int seed)
    {
        await using var equipped = await EquippedWorld.StartAsync(
            new Resources.Configuration.OperatorParameters { Users = new() { EnablePasswordRotation = true, PasswordRotationInterval = 30, PasswordRotationUserRetention = 60 } }, nodes: ["node-2", "node-3"]);
        var (world, patroni, postgres) = equipped;
        await world.StopOperatorAsync();
        world.ThingsMayHang = true;
        var faults = new RandomFaults(world, seed);
        world.StartOperator();
        Switch(true);
        await world.RunUntilAsync(() => world.IsRunning() && world.Poolers().Count(OperatorWorld.IsReady) == 4, "the poolers are ready in spite of everything");
        const string secretName = "foo-user." + Cluster + ".credentials.postgresql.acid.zalan.do";
        var secret = world.Server.Access.Get(KubernetesKinds.Secret, "default", secretName)!;
        secret["data"]!["nextRotation"] = Convert.ToBase64String("2025-01-01T00:00:00Z"u8);
        world.Server.Access.Update(KubernetesKinds.Secret, secret);
        await world.RunUntilAsync(() => world.IsRunning() && Text("nextPassword") is null && Text("username") is { } user && user != "foo_user", "the user is rotated in spite of everything");
        Assert.True(Planning.Roles.ScramVerifier.TryParse(postgres.Roles[Text("username")!].StoredPassword!.Reveal())!.Matches(Text("password")!));
        world.Cordon("node-1");
        for (var tries = 0; world.Nodes().Contains("node-1") || !world.IsRunning(); tries++)
        {
            Assert.True(tries < 500, "The drain hangs.");
            await OwnerRequestCrashTests.EvictAsync(world);
            var until = world.Time.GetUtcNow();
            await world.RunUntilAsync(() => world.Time.GetUtcNow() > until, "time passes");
        }

        Assert.Single(patroni.Log, l => l.StartsWith("switchover", StringComparison.Ordinal));
        Assert.Equal((2, 1), (world.PodLives[Cluster + "-0"].Count, world.PodLives[Cluster + "-1"].Count));
        Switch(false);
        await world.RunUntilAsync(() => world.IsRunning() && world.Poolers().Count == 0, "the poolers are gone in spite of everything");
        Assert.True(faults.Count > 0);
        Console.WriteLine($"measured: faults with seed {seed}: {faults.Count} of the calls failed; poolers, rotation and drain went through");

        void Switch(bool isOn) => world.Edit(manifest =>
        {
            manifest["spec"]!["enableConnectionPooler"] = isOn;
            manifest["spec"]!["enableReplicaConnectionPooler"] = isOn;
        });

        string? Text(string key) => (string?)world.Server.Access.Get(KubernetesKinds.Secret, "default", secretName)!["data"]?[key] is { } text
            ? System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(text)) : null;
    }

    [Fact]
    public async Task A_cluster_that_always_fails_says_why_and_does_not_delay_others()
    {
        await using var world = await OperatorWorld.StartAsync();
        world.Plugins = services => services with
        {
            Planner = input => input.Manifest.Metadata.Name == "acid-cursed" ? throw new InvalidOperationException("cursed") : Planning.ClusterPlanner.Plan(input),
        };
        var process = world.StartOperator();
        world.Apply(OperatorWorld.Manifest("acid-cursed"));
        await world.RunUntilAsync(() => process.Engine.Queue.FailuresOf(new("default", "acid-cursed")) >= 5, "it fails again and again");
        var before = world.Time.GetUtcNow();
        world.Apply(OperatorWorld.Manifest());
        await world.SettleAsync();
        Assert.True(world.IsRunning());
        Assert.Equal(before, world.Time.GetUtcNow());
        var status = world.Cluster("acid-cursed")!.Status!;
        Assert.Equal("CreateFailed", status.PostgresClusterStatus);
        Assert.Equal("cursed", status.Conditions!.Single(c => c.Type == "Degraded").Message);
    }

    [Fact]
    public async Task A_cluster_that_hangs_for_ever_leaves_the_latency_of_99_others_at_nothing()
    {
        const int others = 99;
        await using var world = await OperatorWorld.StartAsync();
        world.ThingsMayHang = true;
        var step = new HangingStep("acid-cursed");
        // What is done to the others does not matter here, only when.
        world.Plugins = services => services with { Steps = [step], Planner = input => new Plan { Cluster = new ClusterKey(input.Manifest.Metadata.Namespace!, input.Manifest.Metadata.Name!) } };
        world.StartOperator();
        world.Apply(OperatorWorld.Manifest("acid-cursed"));
        for (var round = 1; round <= 3; round++)
        {
            // The pauses between the tries of the cursed one pass; everybody else waits for one of its tries to hang.
            await world.RunUntilAsync(() => step.Tries >= round, "the cursed one hangs");
            var before = world.Time.GetUtcNow();
            var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var seen = new HashSet<string>(StringComparer.Ordinal);
            using var subscription = world.Server.Access.Subscribe(change =>
            {
                if (change.Kind.Kind != Postgresql.Descriptor.Kind || (long?)change.Object["status"]?["observedGeneration"] != round) return;
                lock (seen)
                {
                    if (seen.Add((string)change.Object["metadata"]!["name"]!) && seen.Count == others) done.TrySetResult();
                }
            });
            for (var i = 0; i < others; i++) world.Apply(OperatorWorld.Manifest($"acid-other-{i}", instances: round));
            await done.Task.WaitAsync(TestContext.Current.CancellationToken);
            Assert.Equal(before, world.Time.GetUtcNow());
            Assert.True(step.IsHanging);
        }
    }

    private sealed class HangingStep(string cluster) : IReconcileStep
    {
        private int _tries;
        private int _hanging;

        public string Name => "hang";

        public ReconcileStage Stage => ReconcileStage.BeforeChanges;

        public int Tries => Volatile.Read(ref _tries);

        public bool IsHanging => Volatile.Read(ref _hanging) > 0;

        public async Task RunAsync(ReconcileStepContext context, CancellationToken cancellationToken)
        {
            if (context.Cluster.Name != cluster) return;
            Interlocked.Increment(ref _hanging);
            Interlocked.Increment(ref _tries);
            try
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            }
            finally
            {
                Interlocked.Decrement(ref _hanging);
            }
        }
    }
}
