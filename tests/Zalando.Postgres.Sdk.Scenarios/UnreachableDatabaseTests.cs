using Zalando.Postgres.Sdk.Database;
using Zalando.Postgres.Sdk.Planning.Databases;
using Zalando.Postgres.Sdk.Reconciliation.Databases;
using Zalando.Postgres.Sdk.Reconciliation.Execution;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Scenarios.World;

namespace Zalando.Postgres.Sdk.Scenarios;

public sealed class UnreachableDatabaseTests
{
    [Fact]
    public async Task A_cluster_whose_database_cannot_be_reached_says_so_keeps_trying_and_can_be_deleted()
    {
        await using var world = await OperatorWorld.StartAsync();
        var connector = new Connector();
        world.Plugins = services => services with { Databases = new DatabaseReconciler(connector) };
        var process = world.StartOperator();
        world.Apply(OperatorWorld.Manifest());
        await world.RunUntilAsync(() => world.Cluster()?.Status?.PostgresClusterStatus == "CreateFailed", "the failure is shown");
        Assert.Equal("DatabaseFailed", world.Cluster()!.Status!.Conditions!.Single(c => c.Type == "Degraded").Reason);
        Assert.Equal(["acid-minimal-cluster-0", "acid-minimal-cluster-1"], world.PodNames());
        var tries = connector.Tries;
        await world.RunUntilAsync(() => connector.Tries > tries + 2, "it is tried again");
        world.Server.Access.Delete(Postgresql.Descriptor, OperatorWorld.Namespace, "acid-minimal-cluster");
        var before = world.Time.GetUtcNow();
        await world.RunUntilAsync(() => world.PodNames().Count == 0, "the cluster is deleted");
        Assert.Equal(before, world.Time.GetUtcNow());
        Assert.True(process.Engine.Passes > 0);
    }

    private sealed class Connector : IPostgresConnector
    {
        public int Tries { get; private set; }

        public IPostgresServer? Connect(PassContext context, string userName, Func<CancellationToken, ValueTask<string>> password)
        {
            Tries++;
            return new Unreachable();
        }
    }

    private sealed class Unreachable : IPostgresServer
    {
        public Task<ObservedServer> ObserveAsync(Func<ObservedDatabase, bool> lookInto, CancellationToken cancellationToken = default) =>
            throw new DatabaseException(DatabaseFailure.Unreachable, null, "10.0.0.1:5432: connection refused");

        public Task ApplyAsync(Planning.DatabaseChange change, CancellationToken cancellationToken = default) => throw new DatabaseException("unexpected");

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
