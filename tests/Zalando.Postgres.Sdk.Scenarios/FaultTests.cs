using Zalando.Postgres.Sdk.Kubernetes.Client;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Scenarios.World;

namespace Zalando.Postgres.Sdk.Scenarios;

public sealed class FaultTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_fifth_of_all_calls_may_fail_and_watches_may_break(int seed)
    {
        await using var world = await OperatorWorld.StartAsync();
        world.ThingsMayHang = true;
        var random = new Random(seed);
        var gate = new Lock();
        var faults = 0;
        world.Fault = () =>
        {
            lock (gate)
            {
                if (random.NextDouble() >= 0.2) return null;
                faults++;
                // A lost answer leaves it open whether the server did what was asked.
                var happens = random.NextDouble() < 0.5;
                return random.Next(4) switch
                {
                    0 => (Failure(409, "Conflict"), false),
                    1 => (Failure(429, "TooManyRequests"), false),
                    2 => (Failure(500, "InternalError"), happens),
                    _ => (Failure(0, null), happens),
                };
            }
        };
        world.WatchFault = () =>
        {
            lock (gate) return random.NextDouble() < 0.05 ? Failure(random.Next(2) == 0 ? 410 : 503, "Expired") : null;
        };
        world.StartOperator();
        world.Apply(OperatorWorld.Manifest());
        await world.RunUntilAsync(() => world.IsRunning(), "the cluster runs in spite of everything");
        world.Apply(OperatorWorld.Manifest(instances: 3));
        await world.RunUntilAsync(() => world.IsRunning() && world.PodNames().Count == 3, "it grows in spite of everything");
        Assert.All(world.PodLives, p => Assert.Single(p.Value));
        Assert.All(world.Passwords, p => Assert.Single(p.Value));
        Assert.True(faults > 0);
        output.WriteLine($"seed {seed}: {faults} faults");
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

    private static KubernetesApiException Failure(int code, string? reason) =>
        new(code, reason is null ? null : new Status { Reason = reason }, code == 0 ? "no answer" : $"{code} {reason}");
}
