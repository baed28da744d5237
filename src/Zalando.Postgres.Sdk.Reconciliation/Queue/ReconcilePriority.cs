namespace Zalando.Postgres.Sdk.Reconciliation.Queue;

/// <summary>Which cluster is looked at first when several wait.</summary>
public enum ReconcilePriority
{
    /// <summary>The periodic look at a cluster that nobody touched.</summary>
    Resync,

    /// <summary>An object of the cluster changed, or a wait of the operator itself is over.</summary>
    Observed,

    /// <summary>Somebody edited, created or deleted the manifest.</summary>
    Edit,
}
