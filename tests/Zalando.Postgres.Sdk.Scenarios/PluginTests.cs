using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Reconciliation.Plugins;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Scenarios.World;

namespace Zalando.Postgres.Sdk.Scenarios;

public sealed class PluginTests
{
    [Fact]
    public async Task A_policy_holds_a_change_back_until_it_agrees()
    {
        await using var world = await OperatorWorld.StartAsync();
        var policy = new NoStatefulSetBefore(world.Time, world.Time.GetUtcNow().AddHours(1));
        world.Plugins = services => services with { Policies = [policy] };
        world.StartOperator();
        world.Apply(OperatorWorld.Manifest());
        await world.SettleAsync();
        Assert.Empty(world.PodNames());
        Assert.NotNull(world.Server.Access.Get(KubernetesKinds.Service, "default", "acid-minimal-cluster"));
        Assert.Contains(world.Server.Access.List(KubernetesKinds.Event, "default"), e => ((string)e["message"]!).Contains("not before", StringComparison.Ordinal));
        await world.RunUntilAsync(() => world.IsRunning(), "the policy agrees and the cluster runs");
        Assert.True(world.Time.GetUtcNow() >= policy.From);
    }

    [Fact]
    public async Task A_policy_that_throws_holds_everything_of_its_cluster_back_and_is_named()
    {
        await using var world = await OperatorWorld.StartAsync();
        world.Plugins = services => services with { Policies = [new ThrowsFor("acid-unlucky")] };
        world.StartOperator();
        world.Apply(OperatorWorld.Manifest("acid-unlucky"));
        world.Apply(OperatorWorld.Manifest());
        await world.RunUntilAsync(() => world.IsRunning(), "the other cluster runs");
        var status = world.Cluster("acid-unlucky")!.Status!;
        Assert.Equal("CreateFailed", status.PostgresClusterStatus);
        Assert.Contains("ThrowsFor", status.Conditions!.Single(c => c.Type == "Degraded").Message, StringComparison.Ordinal);
        Assert.DoesNotContain(world.Snapshot().Keys, k => k.Contains("acid-unlucky", StringComparison.Ordinal) && !k.StartsWith("postgresql/", StringComparison.Ordinal) && !k.EndsWith("-history", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_step_that_hangs_delays_only_its_cluster_and_is_named()
    {
        await using var world = await OperatorWorld.StartAsync();
        world.ThingsMayHang = true;
        world.Plugins = services => services with { Steps = [new HangsFor("acid-unlucky")] };
        world.StartOperator();
        world.Apply(OperatorWorld.Manifest("acid-unlucky"));
        await world.SettleAsync();
        var before = world.Time.GetUtcNow();
        world.Apply(OperatorWorld.Manifest());
        while (!world.IsRunning()) await world.SettleAsync();
        Assert.Equal(before, world.Time.GetUtcNow());
        await world.RunUntilAsync(
            () => world.Cluster("acid-unlucky")!.Status?.Conditions?.Any(c => c.Type == "Degraded" && c.Message!.Contains("hangs", StringComparison.Ordinal)) == true, "the step is named");
    }

    [Fact]
    public async Task A_filter_changes_what_is_made_and_the_result_is_at_rest()
    {
        await using var world = await OperatorWorld.StartAsync();
        world.Plugins = services => services with { Filters = [new CostCentre()] };
        var process = world.StartOperator();
        world.Apply(OperatorWorld.Manifest());
        await world.RunUntilAsync(() => world.IsRunning(), "the cluster runs");
        Assert.Equal("acid", (string?)world.Server.Access.Get(KubernetesKinds.Service, "default", "acid-minimal-cluster")!["metadata"]!["annotations"]!["cost-centre"]);
        var calls = process.Client.Calls;
        process.Engine.EnqueueAll(Reconciliation.Queue.ReconcilePriority.Resync);
        await world.SettleAsync();
        Assert.Equal(calls, process.Client.Calls);
    }

    private sealed class CostCentre : IManifestFilter<Service>
    {
        public Service Apply(Service desired, Resources.Postgresql cluster)
        {
            var annotations = new Dictionary<string, string>(desired.Metadata.Annotations ?? new Dictionary<string, string>(), StringComparer.Ordinal) { ["cost-centre"] = cluster.Spec.TeamId ?? "" };
            return desired with { Metadata = desired.Metadata with { Annotations = annotations } };
        }
    }

    private sealed class NoStatefulSetBefore(TimeProvider time, DateTimeOffset from) : IPlanPolicy
    {
        public DateTimeOffset From => from;

        public ValueTask<PolicyDecision> DecideAsync(Plan plan, PlannedChange change, CancellationToken cancellationToken) =>
            ValueTask.FromResult(change.Target.Kind == "StatefulSet" && time.GetUtcNow() < from ? PolicyDecision.Wait($"not before {from:HH:mm}", from) : PolicyDecision.Allow);
    }

    private sealed class ThrowsFor(string cluster) : IPlanPolicy
    {
        public ValueTask<PolicyDecision> DecideAsync(Plan plan, PlannedChange change, CancellationToken cancellationToken) =>
            plan.Cluster.Name == cluster ? throw new InvalidOperationException("broken policy") : ValueTask.FromResult(PolicyDecision.Allow);
    }

    private sealed class HangsFor(string cluster) : IReconcileStep
    {
        public string Name => "hangs";

        public ReconcileStage Stage => ReconcileStage.BeforeChanges;

        public Task RunAsync(ReconcileStepContext context, CancellationToken cancellationToken) =>
            context.Cluster.Name == cluster ? new TaskCompletionSource().Task : Task.CompletedTask;
    }
}
