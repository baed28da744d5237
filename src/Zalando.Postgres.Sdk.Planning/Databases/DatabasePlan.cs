namespace Zalando.Postgres.Sdk.Planning.Databases;

/// <summary>What has to be changed inside PostgreSQL.</summary>
public sealed record DatabasePlan
{
    /// <summary>The changes in their order: roles, databases, what is inside.</summary>
    public IReadOnlyList<ChangeDatabase> Changes { get; init; } = [];

    /// <summary>Replication slots of event streams that Patroni has to make or remove; null when none. It comes after the changes.</summary>
    public PatchPatroniConfiguration? Slots { get; init; }

    /// <summary>What cannot be changed now, and what it waits for.</summary>
    public IReadOnlyList<PendingChange> Pending { get; init; } = [];

    /// <summary>When the retention of the next rotated role is over, so that it goes; null for none.</summary>
    public DateTimeOffset? NextEndOfRetention { get; init; }

    /// <summary>What the owner of the cluster should know.</summary>
    public IReadOnlyList<Finding> Findings { get; init; } = [];
}
