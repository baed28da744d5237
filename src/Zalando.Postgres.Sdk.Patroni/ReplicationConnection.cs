namespace Zalando.Postgres.Sdk.Patroni;

/// <summary>Somebody who replicates from a member. Every field may be null.</summary>
public sealed record ReplicationConnection
{
    /// <summary>Role it logged in with.</summary>
    public string? UserName { get; init; }

    /// <summary>Its name, that of the member.</summary>
    public string? ApplicationName { get; init; }

    /// <summary>Its address.</summary>
    public string? ClientAddress { get; init; }

    /// <summary>State, for example <c>streaming</c>.</summary>
    public string? State { get; init; }

    /// <summary><c>async</c>, <c>potential</c>, <c>sync</c> or <c>quorum</c>.</summary>
    public string? SyncState { get; init; }

    /// <summary>Priority in the synchronous set.</summary>
    public int? SyncPriority { get; init; }
}
