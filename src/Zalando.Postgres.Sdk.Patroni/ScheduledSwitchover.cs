namespace Zalando.Postgres.Sdk.Patroni;

/// <summary>A switchover that Patroni will do later.</summary>
public sealed record ScheduledSwitchover
{
    /// <summary>When.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The leader that hands over; null when not given.</summary>
    public string? From { get; init; }

    /// <summary>The candidate; null for any.</summary>
    public string? To { get; init; }
}
