namespace Zalando.Postgres.Sdk.Planning;

/// <summary>When pods of the database and of its poolers may be restarted because of a changed manifest, configuration or operator version.</summary>
public enum RestartPolicy
{
    /// <summary>As soon as it is safe.</summary>
    Immediately,

    /// <summary>In the maintenance window of the cluster or the operator; at any time where there is none. An approval lets it run earlier.</summary>
    MaintenanceWindow,

    /// <summary>Once the owner has approved it by the annotation <see cref="RestartAnnotations.Approval"/>.</summary>
    Approval,
}
