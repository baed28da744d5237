using Zalando.Postgres.Sdk.Planning;

namespace Zalando.Postgres.Sdk.Reconciliation.Execution;

/// <summary>Makes changes of some kinds: those of Kubernetes objects, of Patroni, of databases.</summary>
public interface IChangeExecutor
{
    /// <summary>Whether this executor makes such changes.</summary>
    /// <param name="change">A planned change.</param>
    bool Handles(PlannedChange change);

    /// <summary>Makes one change. It makes as few calls as it can and never waits for the change to show its effect.</summary>
    /// <param name="context">The cluster and what was observed of it.</param>
    /// <param name="change">The change.</param>
    /// <param name="cancellationToken">The deadline of the call, and the end of the process.</param>
    Task<ChangeResult> ExecuteAsync(PassContext context, PlannedChange change, CancellationToken cancellationToken);
}
