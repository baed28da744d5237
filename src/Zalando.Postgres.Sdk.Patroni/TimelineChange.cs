namespace Zalando.Postgres.Sdk.Patroni;

/// <summary>The end of a timeline: another member was promoted.</summary>
public sealed record TimelineChange
{
    /// <summary>The timeline that ended.</summary>
    public required long Timeline { get; init; }

    /// <summary>Position where it ended, in bytes.</summary>
    public required long Position { get; init; }

    /// <summary>PostgreSQL's reason.</summary>
    public string Reason { get; init; } = "";

    /// <summary>When; null when not known.</summary>
    public DateTimeOffset? At { get; init; }

    /// <summary>The member that took over; null when not known.</summary>
    public string? NewLeader { get; init; }
}
