using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Reconciliation.Patroni;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;
using Zalando.Postgres.Sdk.Scenarios.World;

namespace Zalando.Postgres.Sdk.Scenarios;

/// <summary>Kills the operator right before and right after each of its calls; another one takes over, and the end must be the same.</summary>
public sealed class CrashTests(ITestOutputHelper output)
{
    private const string Cluster = "acid-minimal-cluster";

    [Fact]
    public Task Creation_converges_wherever_the_operator_dies() => EverywhereAsync(
        "create",
        parameters: null,
        prepare: null,
        begin: static world => world.Apply(OperatorWorld.Manifest()),
        isDone: static world => world.IsRunning() && world.PodNames().Count == 2);

    [Fact]
    public Task Scaling_out_converges_wherever_the_operator_dies() => EverywhereAsync(
        "scale out",
        parameters: null,
        prepare: static world => world.Apply(OperatorWorld.Manifest()),
        begin: static world => world.Apply(OperatorWorld.Manifest(instances: 3)),
        isDone: static world => world.IsRunning() && world.PodNames().Count == 3);

    [Fact]
    public Task Scaling_in_converges_wherever_the_operator_dies() => EverywhereAsync(
        "scale in",
        parameters: null,
        prepare: static world => world.Apply(OperatorWorld.Manifest(instances: 3)),
        begin: static world => world.Apply(OperatorWorld.Manifest(instances: 1)),
        isDone: static world => world.IsRunning() && world.PodNames().Count == 1);

    [Fact]
    public Task A_rolling_update_converges_wherever_the_operator_dies() => EverywhereAsync(
        "rolling update",
        parameters: null,
        prepare: static world => world.Apply(OperatorWorld.Manifest()),
        begin: static world =>
        {
            var edited = OperatorWorld.Manifest();
            edited["spec"]!["env"] = new JsonArray(new JsonObject { ["name"] = "COLOUR", ["value"] = "blue" });
            world.Apply(edited);
        },
        isDone: static world => world.IsRunning() && world.PodLives.Values.All(l => l.Count == 2),
        lives: 2,
        switchovers: 1);

    private async Task EverywhereAsync(
        string flow, OperatorParameters? parameters, Action<OperatorWorld>? prepare, Action<OperatorWorld> begin, Func<OperatorWorld, bool> isDone, int lives = 1, int switchovers = 0)
    {
        var (calls, wanted) = await RunAsync(0, killAfter: false);
        Assert.True(calls > 0);
        for (var at = 1; at <= calls; at++)
        {
            foreach (var after in new[] { false, true })
            {
                var (_, found) = await RunAsync(at, after);
                Assert.Equal(wanted, found);
            }
        }

        output.WriteLine($"{flow}: {calls} calls, {2 * calls} crashes, all with the same end");
        Console.WriteLine($"measured: {flow}: {calls} calls, {2 * calls} crashes, all with the same end");

        async Task<(int Calls, IReadOnlyDictionary<string, string> End)> RunAsync(int killAt, bool killAfter)
        {
            await using var world = await OperatorWorld.StartAsync(parameters);
            var patroni = new FakePatroniClient(world.Patroni, Cluster, () => world.Operator?.Client);
            world.Plugins = services => services with { Executors = [new PatroniChangeExecutor(patroni)] };
            if (prepare is not null)
            {
                prepare(world);
                world.StartOperator();
                await world.RunUntilAsync(() => world.IsRunning(), "the cluster runs before");
                await world.SettleAsync();
                await world.StopOperatorAsync();
            }

            var first = world.StartOperator(killAt, killAfter);
            begin(world);
            await world.RunUntilAsync(() => isDone(world), flow);
            await world.SettleAsync();
            var made = first.Client.Calls;
            if (killAt > 0)
            {
                await world.StopOperatorAsync();
                world.StartOperator();
                await world.RunUntilAsync(() => isDone(world), $"{flow} after a crash {(killAfter ? "after" : "before")} call {killAt} ({first.Client.Log.LastOrDefault()})");
                await world.SettleAsync();
            }

            Assert.All(world.PodLives, p => Assert.Equal(lives, p.Value.Count));
            Assert.Equal(switchovers, patroni.Log.Count);
            Assert.All(world.Passwords, p => Assert.Single(p.Value));
            return (made, world.Snapshot());
        }
    }
}
