namespace Zalando.Postgres.Sdk.Planning;

/// <summary>One member as Patroni shows it in <c>GET /cluster</c> and <c>GET /patroni</c>.</summary>
public sealed record ObservedMember
{
    /// <summary>Name of the member: the name of its pod.</summary>
    public required string Name { get; init; }

    /// <summary>What it is.</summary>
    public required MemberRole Role { get; init; }

    /// <summary>Patroni's word, for example <c>running</c>, <c>streaming</c>, <c>starting</c>.</summary>
    public string State { get; init; } = "";

    /// <summary>Bytes behind the primary; null when unknown.</summary>
    public long? LagBytes { get; init; }

    /// <summary>Timeline; null when unknown.</summary>
    public long? Timeline { get; init; }

    /// <summary>Whether PostgreSQL waits for a restart to take over settings.</summary>
    public bool PendingRestart { get; init; }

    /// <summary>Parameters that a restart would change; empty when unknown.</summary>
    public IReadOnlyDictionary<string, PendingParameter> PendingRestartReason { get; init; } = new Dictionary<string, PendingParameter>(StringComparer.Ordinal);

    /// <summary>Whether its tags keep it from becoming the leader (<c>nofailover</c>, <c>failover_priority: 0</c>).</summary>
    public bool IsExcludedFromFailover { get; init; }

    /// <summary>Version of Patroni, for example <c>4.0.4</c>; null when unknown.</summary>
    public string? PatroniVersion { get; init; }

    /// <summary>Server version as a number, for example <c>180001</c>; null when unknown.</summary>
    public int? ServerVersion { get; init; }

    /// <summary>Whether PostgreSQL runs and, on a replica, receives.</summary>
    public bool IsRunning => State is "running" or "streaming" or "in archive recovery";
}
