using System.Text.Json.Nodes;

namespace Zalando.Postgres.Sdk.Patroni;

/// <summary>A member in the answer of <c>GET /cluster</c>: what it last published, up to one loop ago.</summary>
public sealed record PatroniMember
{
    /// <summary>Name, which is that of its pod.</summary>
    public required string Name { get; init; }

    /// <summary>Role.</summary>
    public PatroniRole Role { get; init; } = new("");

    /// <summary>State; for replicas since 3.0.4 that of replication when there is one.</summary>
    public PatroniState State { get; init; } = new("");

    /// <summary>Address of its own REST API; null when unknown.</summary>
    public string? ApiUrl { get; init; }

    /// <summary>Host of PostgreSQL; null when unknown.</summary>
    public string? Host { get; init; }

    /// <summary>Port of PostgreSQL; null when unknown.</summary>
    public int? Port { get; init; }

    /// <summary>Timeline; null when unknown.</summary>
    public long? Timeline { get; init; }

    /// <summary>Lag of the larger of the received and the replayed position; null when none is reported, as for a leader.</summary>
    public ReplicationLag? Lag { get; init; }

    /// <summary>Lag of the received position; null before Patroni 4.1.</summary>
    public ReplicationLag? ReceiveLag { get; init; }

    /// <summary>Lag of the replayed position; null before Patroni 4.1.</summary>
    public ReplicationLag? ReplayLag { get; init; }

    /// <summary>Whether settings wait for a restart.</summary>
    public bool PendingRestart { get; init; }

    /// <summary>Which settings wait for a restart, by name; empty before Patroni 3.3.</summary>
    public IReadOnlyDictionary<string, PendingSetting> PendingRestartReason { get; init; } = new Dictionary<string, PendingSetting>(StringComparer.Ordinal);

    /// <summary>When it will restart; null when no restart is scheduled.</summary>
    public DateTimeOffset? ScheduledRestart { get; init; }

    /// <summary>Its tags, such as <c>nofailover</c>.</summary>
    public JsonObject Tags { get; init; } = [];

    /// <summary>The whole entry, with what this version of the client does not know.</summary>
    public JsonObject Json { get; init; } = [];

    /// <summary>Whether its tags keep it from becoming the leader.</summary>
    public bool IsExcludedFromFailover => Tags["nofailover"] is JsonValue tag && tag.TryGetValue(out bool excluded) && excluded
        || Tags["failover_priority"] is JsonValue priority && priority.TryGetValue(out int value) && value == 0;
}
