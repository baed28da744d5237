using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Reconciliation.Plugins;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Scenarios.World;

namespace Zalando.Postgres.Sdk.Scenarios;

public sealed class InterruptionTests
{
    [Fact]
    public async Task A_newer_manifest_ends_the_running_pass_before_its_next_call()
    {
        await using var world = await OperatorWorld.StartAsync();
        var replicas = new List<int>();
        using var subscription = world.Server.Access.Subscribe(change =>
        {
            if (change.Kind.Kind == "StatefulSet" && change.Type != "DELETED") replicas.Add((int)change.Object["spec"]!["replicas"]!);
        });
        world.Plugins = services => services with { Policies = [new EditsAtTheFirstChange(world)] };
        world.StartOperator();
        world.Apply(OperatorWorld.Manifest(instances: 2));
        await world.RunUntilAsync(() => world.IsRunning(), "the cluster runs");
        Assert.All(replicas, r => Assert.Equal(3, r));
        Assert.Equal(3, world.PodNames().Count);
    }

    private sealed class EditsAtTheFirstChange(OperatorWorld world) : IPlanPolicy
    {
        private int _asked;

        public async ValueTask<PolicyDecision> DecideAsync(Plan plan, PlannedChange change, CancellationToken cancellationToken)
        {
            if (Interlocked.Increment(ref _asked) > 1) return PolicyDecision.Allow;
            world.Apply(OperatorWorld.Manifest(instances: 3));
            while ((long?)world.Operator!.Engine.Store.Get(Resources.Postgresql.Descriptor, "default", "acid-minimal-cluster")?["metadata"]?["generation"] != 2) await Task.Yield();
            return PolicyDecision.Allow;
        }
    }
}
