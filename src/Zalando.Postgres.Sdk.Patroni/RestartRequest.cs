namespace Zalando.Postgres.Sdk.Patroni;

/// <summary>A restart of PostgreSQL in one member. Without conditions it is unconditional.</summary>
public sealed record RestartRequest
{
    /// <summary>Restart only when settings wait for it.</summary>
    /// <value>Default: true.</value>
    public bool OnlyIfPending { get; init; } = true;

    /// <summary>Restart only in this role: <c>primary</c>, <c>standby_leader</c> or <c>replica</c> (before Patroni 4 <c>master</c>); null for any.</summary>
    public string? Role { get; init; }

    /// <summary>Restart only when the running version is lower, for example <c>17.5</c>; null for any.</summary>
    public string? BelowVersion { get; init; }

    /// <summary>How long PostgreSQL may take to start; a leader may lose its lock afterwards. Null for Patroni's <c>primary_start_timeout</c> (300 s).</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>When; null for now. Forgotten when Patroni restarts.</summary>
    public DateTimeOffset? ScheduledAt { get; init; }
}
