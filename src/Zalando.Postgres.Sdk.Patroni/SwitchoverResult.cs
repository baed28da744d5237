namespace Zalando.Postgres.Sdk.Patroni;

/// <summary>Answer to a switchover or failover.</summary>
public sealed record SwitchoverResult
{
    /// <summary>What became of it.</summary>
    public required SwitchoverOutcome Outcome { get; init; }

    /// <summary>The new leader, when Patroni names it.</summary>
    public string? NewLeader { get; init; }

    /// <summary>Patroni's own words.</summary>
    public string Text { get; init; } = "";
}
