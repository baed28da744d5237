namespace Zalando.Postgres.Sdk.Planning;

/// <summary>Where in a pass a change belongs: what pods need comes before the pods, what needs a database comes after them.</summary>
public enum ChangeStage
{
    /// <summary>The manifest object itself: finalizer, annotations.</summary>
    Manifest,

    /// <summary>ServiceAccount and RoleBinding that the pods of the namespace share.</summary>
    Access,

    /// <summary>Services and endpoints.</summary>
    Services,

    /// <summary>Secrets with passwords.</summary>
    Secrets,

    /// <summary>Patroni's dynamic configuration that must be in place before members restart.</summary>
    Patroni,

    /// <summary>Disruption budgets.</summary>
    DisruptionBudgets,

    /// <summary>Volumes and their claims: growth, type, labels, annotations.</summary>
    Volumes,

    /// <summary>The StatefulSet.</summary>
    StatefulSet,

    /// <summary>Restarts of PostgreSQL, recreation of pods, switchover.</summary>
    Pods,

    /// <summary>Roles, databases, schemas, extensions.</summary>
    Databases,

    /// <summary>Connection pooler.</summary>
    Pooler,

    /// <summary>Logical backup job.</summary>
    Backups,

    /// <summary>Event streams.</summary>
    Streams,

    /// <summary>Objects that are no longer wanted.</summary>
    Cleanup,
}
