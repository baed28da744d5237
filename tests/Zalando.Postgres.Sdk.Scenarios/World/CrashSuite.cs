using Zalando.Postgres.Sdk.Reconciliation.Databases;
using Zalando.Postgres.Sdk.Reconciliation.Patroni;

namespace Zalando.Postgres.Sdk.Scenarios.World;

/// <summary>Runs a flow once to its end, and then once for each call that it makes and each event that it hears of, with an operator that dies right before or right
/// after it; another one takes over, and the end must be the same. The state before is made once, and every run goes on from it.</summary>
internal sealed class CrashSuite(ITestOutputHelper output)
{
    public const string Cluster = "acid-minimal-cluster";

    // Longer than any flow: watches that end by themselves are opened anew, thousands of times in all, and are not what these flows are about.
    private static readonly TimeSpan WatchDuration = TimeSpan.FromHours(6);

    public async Task RunAsync(CrashFlow flow)
    {
        var (from, before) = await PrepareAsync(flow);
        var (_, calls, wanted) = await RunAsync(flow, from, before, 0, killAfter: false);
        Assert.True(calls > 0);
        var crashes = 0;
        var fewest = calls;
        for (var at = 1; ; at++)
        {
            var died = false;
            foreach (var after in new[] { false, true })
            {
                var (crashed, made, found) = await RunAsync(flow, from, before, at, after);
                Assert.Equal(wanted, found);
                died |= crashed;
                if (crashed) crashes++;
                else fewest = Math.Min(fewest, made);
            }

            // Events come in no fixed number: the end is where nobody has died any more.
            if (!died && at >= calls) break;
        }

        // On a busy machine the first run hears of more events than any other.
        Assert.True(crashes >= fewest, $"{crashes} crashes in {fewest} calls and events");
        var line = $"{flow.Name}: {calls} calls and events, {crashes} crashes, all with the same end";
        output.WriteLine(line);
        Console.WriteLine("measured: " + line);
    }

    private static async Task<(SavedWorld World, SimulatedPostgres Postgres)> PrepareAsync(CrashFlow flow)
    {
        await using var world = await OperatorWorld.StartAsync(flow.Parameters, WatchDuration, nodes: flow.Nodes);
        var (_, postgres) = Equip(flow, world, new SimulatedPostgres(() => null));
        flow.Furnish(world);
        if (flow.Prepare is not null)
        {
            flow.Prepare(world);
            world.StartOperator();
            await world.RunUntilAsync(() => flow.IsPrepared(world), $"the cluster is as it should be before: {flow.Name}");
            await world.SettleAsync();
            await world.StopOperatorAsync();
            flow.Prepared?.Invoke(world);
        }

        await world.Server.Controllers!.SettleAsync();
        return (world.Save(), postgres);
    }

    private static (FakePatroniClient Patroni, SimulatedPostgres Postgres) Equip(CrashFlow flow, OperatorWorld world, SimulatedPostgres before)
    {
        var patroni = new FakePatroniClient(world.Patroni, Cluster, () => world.Operator?.Client);
        var postgres = before.Copy(() => world.Operator?.Client);
        world.Plugins = services => flow.Plugins(
            services with { Executors = [new PatroniChangeExecutor(patroni)], Databases = new DatabaseReconciler(postgres, time: world.Time, passwordBytes: services.PasswordBytes) }, world);
        return (patroni, postgres);
    }

    private static async Task<(bool Crashed, int Calls, IReadOnlyList<string> End)> RunAsync(CrashFlow flow, SavedWorld from, SimulatedPostgres before, int killAt, bool killAfter)
    {
        await using var world = await OperatorWorld.StartAsync(flow.Parameters, WatchDuration, from, flow.Nodes);
        var (patroni, postgres) = Equip(flow, world, before);
        flow.Furnish(world);
        world.CountWatches = true;
        world.CountFirstLists = flow.CountsStart;
        var first = world.StartOperator(killAt, killAfter);
        if (!flow.CountsStart)
        {
            await world.SettleAsync();
        }

        flow.Begin(world);
        await ToTheEndAsync(flow.Name);
        var made = first.Client.Calls;
        flow.IsSound?.Invoke(world, postgres);
        var crashed = first.IsDead;
        if (crashed)
        {
            await world.StopOperatorAsync();
            world.CountFirstLists = false;
            world.StartOperator();
            await ToTheEndAsync($"{flow.Name} after a crash {(killAfter ? "after" : "before")} call {killAt} ({first.Client.Log.LastOrDefault()})");
            flow.IsSound?.Invoke(world, postgres);
        }

        Assert.All(world.PodLives, p => Assert.Equal((p.Key, flow.LivesOf(p.Key)), (p.Key, p.Value.Count)));
        // The same patch may be sent again before the watch shows the first; it changes nothing.
        var asked = patroni.Log.Where((c, i) => i == 0 || !c.StartsWith("patch ", StringComparison.Ordinal) || patroni.Log[i - 1] != c).ToArray();
        Assert.True(asked.Length >= flow.PatroniCalls && asked.Length <= Math.Max(flow.PatroniCalls, flow.MostPatroniCalls), string.Join("; ", asked));
        Assert.All(world.Passwords, p => Assert.Equal((p.Key, flow.PasswordsOf(p.Key)), (p.Key, p.Value.Count)));
        Assert.Empty(postgres.Log.GroupBy(c => c.ToString(), StringComparer.Ordinal).Where(g => g.Count() > 1 && !flow.MayRepeat(g.Key)).Select(g => g.Key));
        return (crashed, made, [.. world.Snapshot().Select(s => $"{s.Key}: {s.Value}"), .. postgres.Contents]);

        async Task ToTheEndAsync(string what)
        {
            if (flow.Meanwhile is not { } meanwhile)
            {
                await world.RunUntilAsync(() => flow.IsDone(world) && flow.HasEnded(postgres), what, flow.Within);
            }
            else
            {
                // One turn of the world after the other, so that somebody else gets a turn between two.
                var end = world.Time.GetUtcNow() + flow.Within;
                while (true)
                {
                    await world.SettleAsync();
                    if (world.Operator is { IsDead: true }) break;
                    await meanwhile(world);
                    await world.SettleAsync();
                    if (world.Operator is { IsDead: true } || (flow.IsDone(world) && flow.HasEnded(postgres))) break;
                    var until = world.Time.GetUtcNow();
                    await world.RunUntilAsync(() => world.Time.GetUtcNow() > until || (flow.IsDone(world) && flow.HasEnded(postgres)), what, end - until);
                }
            }

            await world.SettleAsync();
        }
    }
}
