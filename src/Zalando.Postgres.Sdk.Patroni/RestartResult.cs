namespace Zalando.Postgres.Sdk.Patroni;

/// <summary>Answer to a restart.</summary>
public sealed record RestartResult
{
    /// <summary>What became of it.</summary>
    public required RestartOutcome Outcome { get; init; }

    /// <summary>Patroni's own words.</summary>
    public string Text { get; init; } = "";
}
