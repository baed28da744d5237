namespace Zalando.Postgres.Sdk.Planning;

/// <summary>Makes another member the primary through Patroni. The target is Patroni of the cluster.</summary>
public sealed record Switchover : PlannedChange
{
    /// <summary>Name of the present primary (its pod).</summary>
    public required string Leader { get; init; }

    /// <summary>Name of the member that takes over (its pod).</summary>
    public required string Candidate { get; init; }

    /// <summary>Whether the owner asked for it by name, and it is not part of something else.</summary>
    /// <value>Default: false.</value>
    public bool IsRequested { get; init; }
}
