using Zalando.Postgres.Sdk.Database;
using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Reconciliation.Execution;

namespace Zalando.Postgres.Sdk.Reconciliation.Databases;

/// <summary>Makes changes inside PostgreSQL over the connection of one pass.</summary>
/// <param name="server">The primary.</param>
internal sealed class DatabaseChangeExecutor(IPostgresServer server) : IChangeExecutor
{
    /// <summary>Why the last change failed; null when it did not.</summary>
    public DatabaseException? LastFailure { get; private set; }

    public bool Handles(PlannedChange change) => change is ChangeDatabase;

    public async Task<ChangeResult> ExecuteAsync(PassContext context, PlannedChange change, CancellationToken cancellationToken)
    {
        LastFailure = null;
        try
        {
            await server.ApplyAsync(((ChangeDatabase)change).Change, cancellationToken).ConfigureAwait(false);
            return new ChangeResult(change, ChangeOutcome.Done);
        }
        catch (DatabaseException e)
        {
            LastFailure = e;
            return new ChangeResult(change, e.Failure == DatabaseFailure.Outdated ? ChangeOutcome.Stale : ChangeOutcome.Failed, e.Message) { IsTransient = e.IsTransient };
        }
    }
}
