using Zalando.Postgres.Sdk.Reconciliation.Execution;

namespace Zalando.Postgres.Sdk.Reconciliation.Databases;

/// <summary>Brings roles and databases of one cluster to what its manifest says: observes, plans, changes.</summary>
public interface IDatabaseReconciler
{
    /// <summary>Whether the operator looks after the databases of this cluster: not of standbys, of clusters without members, or when it is switched off.</summary>
    /// <param name="context">The cluster and what was observed of it.</param>
    bool IsManaged(PassContext context);

    /// <summary>A text that changes whenever roles or databases could have to change: made of manifest, configuration and secrets, never containing them.</summary>
    /// <param name="context">The cluster and what was observed of it.</param>
    string Fingerprint(PassContext context);

    /// <summary>Looks at the databases and changes what differs. When nothing differs, nothing is changed.</summary>
    /// <param name="context">The cluster and what was observed of it.</param>
    /// <param name="isInterrupted">Asked before every change: whether a newer manifest or a deletion came in between.</param>
    /// <param name="cancellationToken">The end of the process. The database's own deadlines are the implementation's business.</param>
    Task<DatabaseReport> ReconcileAsync(PassContext context, Func<bool> isInterrupted, CancellationToken cancellationToken);
}
