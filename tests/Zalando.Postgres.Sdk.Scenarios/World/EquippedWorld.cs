using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Reconciliation.Databases;
using Zalando.Postgres.Sdk.Reconciliation.Engine;
using Zalando.Postgres.Sdk.Reconciliation.Patroni;
using Zalando.Postgres.Sdk.Resources.Configuration;

namespace Zalando.Postgres.Sdk.Scenarios.World;

/// <summary>A world with a Patroni that does what it is asked and a server with roles and databases, in which the usual cluster runs.</summary>
internal sealed record EquippedWorld(OperatorWorld World, FakePatroniClient Patroni, SimulatedPostgres Postgres) : IAsyncDisposable
{
    public const string Cluster = "acid-minimal-cluster";

    /// <summary>Starts one.</summary>
    /// <param name="parameters">The operator's configuration.</param>
    /// <param name="manifest">The cluster; null for the usual one.</param>
    /// <param name="nodes">Nodes beside node-1.</param>
    /// <param name="watchDuration">How long watches last.</param>
    /// <param name="before">What happens before the operator starts.</param>
    /// <param name="services">Changes what the operator works with.</param>
    public static async Task<EquippedWorld> StartAsync(
        OperatorParameters? parameters = null, JsonObject? manifest = null, IReadOnlyList<string>? nodes = null, TimeSpan? watchDuration = null, Action<OperatorWorld>? before = null,
        Func<ReconcileEngineServices, ReconcileEngineServices>? services = null)
    {
        var world = await OperatorWorld.StartAsync(parameters, watchDuration, nodes: nodes);
        var patroni = new FakePatroniClient(world.Patroni, Cluster, () => world.Operator?.Client);
        var postgres = new SimulatedPostgres(() => world.Operator?.Client);
        world.Plugins = s =>
        {
            s = s with { Executors = [new PatroniChangeExecutor(patroni)], Databases = new DatabaseReconciler(postgres, time: world.Time, passwordBytes: s.PasswordBytes) };
            return services?.Invoke(s) ?? s;
        };
        before?.Invoke(world);
        world.StartOperator();
        world.Apply(manifest ?? OperatorWorld.Manifest());
        await world.RunUntilAsync(() => world.IsRunning(), "the cluster runs");
        await world.SettleAsync();
        return new EquippedWorld(world, patroni, postgres);
    }

    public ValueTask DisposeAsync() => World.DisposeAsync();
}
