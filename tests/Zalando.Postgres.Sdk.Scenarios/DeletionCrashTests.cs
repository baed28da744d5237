using Zalando.Postgres.Sdk.Reconciliation.Deletion;
using Zalando.Postgres.Sdk.Reconciliation.Engine;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Scenarios.World;

namespace Zalando.Postgres.Sdk.Scenarios;

/// <summary>Kills the operator right before and right after each call of a deletion. Nothing may stay behind; only what happens before the first trace of
/// the deletion is stored looks as if nobody had seen it.</summary>
public sealed class DeletionCrashTests(ITestOutputHelper output)
{
    private const string Cluster = "acid-minimal-cluster";
    private const string Record = Cluster + ".deletion.acid.zalan.do";

    [Fact]
    public Task By_default_it_converges_wherever_the_operator_dies_once_it_has_begun() => EverywhereAsync("delete", new(), OrphanedClusters.Report, int.MaxValue);

    [Fact]
    public Task It_converges_from_the_first_call_when_orphans_may_be_deleted() => EverywhereAsync("delete with orphans", new(), OrphanedClusters.Delete, int.MaxValue);

    [Fact]
    public Task With_finalizers_it_converges_wherever_the_operator_dies() =>
        EverywhereAsync("delete with finalizers", new() { Kubernetes = new() { EnableFinalizers = true } }, OrphanedClusters.Report, int.MaxValue);

    [Fact]
    public Task With_owner_references_it_converges_wherever_the_operator_dies() =>
        EverywhereAsync("delete with owner references", new() { Kubernetes = new() { EnableOwnerReferences = true } }, OrphanedClusters.Report, int.MaxValue);

    private async Task EverywhereAsync(string flow, OperatorParameters parameters, OrphanedClusters orphans, int most)
    {
        SavedWorld from;
        IReadOnlyList<string> before;
        await using (var world = await OperatorWorld.StartAsync(parameters))
        {
            world.EngineOptions = Options();
            world.Apply(OperatorWorld.Manifest());
            world.StartOperator();
            await world.RunUntilAsync(() => world.IsRunning(), "the cluster runs before");
            await world.SettleAsync();
            await world.StopOperatorAsync();
            before = Own(world);
            from = world.Save();
        }

        var (calls, _) = await RunAsync(0, killAfter: false);
        Assert.True(calls > 3);
        var crashes = 0;
        for (var at = 1; at <= most; at++)
        {
            var died = 0;
            foreach (var after in new[] { false, true })
                if ((await RunAsync(at, after)).Crashed) died++;
            crashes += died;
            if (died == 0 && at >= calls) break;
        }

        var line = $"{flow}: {calls} calls and events, {crashes} crashes, all with the expected end";
        output.WriteLine(line);
        Console.WriteLine("measured: " + line);

        ReconcileEngineOptions Options() => new() { Workers = 2, OperatorNamespace = OperatorWorld.Namespace, OrphanedClusters = orphans };

        async Task<(int Calls, bool Crashed)> RunAsync(int killAt, bool killAfter)
        {
            await using var world = await OperatorWorld.StartAsync(parameters, from: from);
            world.EngineOptions = Options();
            var hasBegun = false;
            using var subscription = world.Server.Access.Subscribe(change => hasBegun |= change.Kind.Kind == "Secret" && (string?)change.Object["metadata"]!["name"] == Record);
            world.CountWatches = true;
            var first = world.StartOperator(killAt, killAfter);
            await world.RunUntilAsync(() => first.Engine.Ready.IsCompleted, "the operator has looked around");
            world.Server.Access.Delete(Postgresql.Descriptor, OperatorWorld.Namespace, Cluster);
            var what = $"{flow} with a crash {(killAfter ? "after" : "before")} call {killAt}";
            await world.RunUntilAsync(() => Own(world).Count == 0, what);
            await world.SettleAsync();
            var made = first.Client.Calls;
            if (killAt == 0 || !first.IsDead)
            {
                Assert.Empty(Own(world));
                return (made, false);
            }

            what += $" ({first.Client.Log.LastOrDefault()})";
            await world.StopOperatorAsync();
            world.StartOperator();
            if (hasBegun || parameters.Kubernetes?.EnableFinalizers == true || orphans == OrphanedClusters.Delete)
            {
                await world.RunUntilAsync(() => Own(world).Count == 0, what);
                await world.SettleAsync();
                Assert.Empty(Own(world));
            }
            else if (parameters.Kubernetes?.EnableOwnerReferences == true)
            {
                // The garbage collector needs no operator; claims have no owner.
                await world.RunUntilAsync(() => Own(world).All(o => o.StartsWith("PersistentVolumeClaim/", StringComparison.Ordinal) || o.StartsWith("ConfigMap/", StringComparison.Ordinal)), what);
            }
            else
            {
                await world.RunUntilAsync(() => Reported(world), what + " is reported");
                await world.SettleAsync();
                Assert.Equal(before.Where(o => !o.StartsWith("postgresql/", StringComparison.Ordinal)), Own(world));
            }

            return (made, true);
        }
    }

    private static IReadOnlyList<string> Own(OperatorWorld world) => [.. world.Snapshot().Keys.Where(k => k.Contains(Cluster, StringComparison.Ordinal))];

    private static bool Reported(OperatorWorld world) => world.Server.Access.List(KubernetesKinds.Event, OperatorWorld.Namespace)
        .Any(e => (string?)e["reason"] == "Orphaned" && (string?)e["involvedObject"]!["name"] == Cluster);
}
