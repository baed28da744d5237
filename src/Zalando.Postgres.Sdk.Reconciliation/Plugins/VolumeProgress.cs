namespace Zalando.Postgres.Sdk.Reconciliation.Plugins;

/// <summary>How far a volume is, and why.</summary>
public sealed record VolumeProgress
{
    /// <summary>How far it is.</summary>
    public required VolumeState State { get; init; }

    /// <summary>What was or will be done, or why not, with the provider's own words, as a sentence for the cluster's owner. Each change of it is written to the status.</summary>
    public required string Explanation { get; init; }

    /// <summary>When to ask again, at the earliest; it is shown as the time that the cluster waits for. Null when only another wish leads further, and while it is
    /// in progress for a time that the operator chooses: ten seconds at first, then a quarter of the time that the change has taken, five minutes at most.</summary>
    public DateTimeOffset? AskAgainAt { get; init; }
}
