using System.Text.Json.Nodes;

namespace Zalando.Postgres.Sdk.Patroni;

/// <summary>Status document of a member (<c>GET /patroni</c> and the health paths). Everything but state and role may be missing.</summary>
public sealed record PatroniStatus
{
    /// <summary>State of PostgreSQL.</summary>
    public PatroniState State { get; init; } = new("");

    /// <summary>Role.</summary>
    public PatroniRole Role { get; init; } = new("");

    /// <summary>Name of the member; null before Patroni 3.2.</summary>
    public string? Name { get; init; }

    /// <summary>Name of the cluster.</summary>
    public string? Scope { get; init; }

    /// <summary>Version of Patroni, for example <c>4.1.4</c>.</summary>
    public string? PatroniVersion { get; init; }

    /// <summary>Version of PostgreSQL as a number, for example 170004; null when it could not be asked.</summary>
    public int? ServerVersion { get; init; }

    /// <summary>When PostgreSQL was started; null when it could not be asked.</summary>
    public DateTimeOffset? PostmasterStartTime { get; init; }

    /// <summary>Timeline; null when unknown.</summary>
    public long? Timeline { get; init; }

    /// <summary>Position of a primary in bytes; null for replicas.</summary>
    public long? WalLocation { get; init; }

    /// <summary>Position a replica has received, in bytes; null for primaries or when unknown.</summary>
    public long? ReceivedLocation { get; init; }

    /// <summary>Position a replica has replayed, in bytes; null for primaries or when unknown.</summary>
    public long? ReplayedLocation { get; init; }

    /// <summary>Whether replay is paused.</summary>
    public bool ReplayPaused { get; init; }

    /// <summary>State of replication of a replica, for example <c>streaming</c>; null when there is none.</summary>
    public string? ReplicationState { get; init; }

    /// <summary>Whether commits wait for this replica.</summary>
    public bool IsSynchronousStandby { get; init; }

    /// <summary>Whether this replica is in the quorum that commits wait for.</summary>
    public bool IsQuorumStandby { get; init; }

    /// <summary>Whether settings wait for a restart.</summary>
    public bool PendingRestart { get; init; }

    /// <summary>Which settings wait for a restart, by name; empty before Patroni 3.3.</summary>
    public IReadOnlyDictionary<string, PendingSetting> PendingRestartReason { get; init; } = new Dictionary<string, PendingSetting>(StringComparer.Ordinal);

    /// <summary>When it will restart; null when no restart is scheduled.</summary>
    public DateTimeOffset? ScheduledRestart { get; init; }

    /// <summary>Whether automatic failover is paused.</summary>
    public bool Paused { get; init; }

    /// <summary>Whether the cluster has no leader, or the member cannot see it.</summary>
    public bool ClusterUnlocked { get; init; }

    /// <summary>Whether the fail-safe mode keeps the primary up while the configuration store is away.</summary>
    public bool FailsafeModeIsActive { get; init; }

    /// <summary>Whether the watchdog is unhealthy.</summary>
    public bool WatchdogFailed { get; init; }

    /// <summary>Identifier of the database system, 64 bits as text.</summary>
    public string? DatabaseSystemIdentifier { get; init; }

    /// <summary>Last contact with the configuration store; null when there was none.</summary>
    public DateTimeOffset? StoreLastSeen { get; init; }

    /// <summary>Connections of those that replicate from this member.</summary>
    public IReadOnlyList<ReplicationConnection> Replication { get; init; } = [];

    /// <summary>Its tags, such as <c>nofailover</c>.</summary>
    public JsonObject Tags { get; init; } = [];

    /// <summary>The whole document, with what this version of the client does not know.</summary>
    public JsonObject Json { get; init; } = [];
}
