namespace Zalando.Postgres.Sdk.Patroni;

/// <summary>A planned change of the leader.</summary>
public sealed record SwitchoverRequest
{
    /// <summary>The present leader. Patroni refuses when another member leads.</summary>
    public required string Leader { get; init; }

    /// <summary>The new leader; null lets Patroni choose.</summary>
    public string? Candidate { get; init; }

    /// <summary>When; null for now.</summary>
    public DateTimeOffset? ScheduledAt { get; init; }
}
