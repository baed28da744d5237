namespace Zalando.Postgres.Sdk.Planning;

/// <summary>Deletes a database pod, so that the StatefulSet makes it again from its template. The target is the pod.</summary>
public sealed record RecreatePod : PlannedChange
{
    /// <summary>The <c>uid</c> the pod must have, so that a pod that was made meanwhile is spared; null when not known.</summary>
    public string? Uid { get; init; }

    /// <summary>Whether the pod is the primary (its <see cref="PlannedChange.Disruption"/> is then a downtime: no replica could take over).</summary>
    public bool IsPrimary { get; init; }
}
