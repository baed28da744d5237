namespace Zalando.Postgres.Sdk.Reconciliation.Plugins;

/// <summary>How far a volume is, and why.</summary>
public sealed record VolumeProgress
{
    /// <summary>How far it is.</summary>
    public required VolumeState State { get; init; }

    /// <summary>What was or will be done, or why not, with the provider's own words, as a sentence for the cluster's owner.</summary>
    public required string Explanation { get; init; }

    /// <summary>When to ask again; null when only another wish leads further.</summary>
    public DateTimeOffset? AskAgainAt { get; init; }
}
