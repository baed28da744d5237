namespace Zalando.Postgres.Sdk.Reconciliation.Plugins;

/// <summary>Whether a change may run now.</summary>
public sealed record PolicyDecision
{
    /// <summary>It may run.</summary>
    public static PolicyDecision Allow { get; } = new() { IsAllowed = true };

    /// <summary>Whether it may run.</summary>
    public required bool IsAllowed { get; init; }

    /// <summary>Why not, as a sentence for the cluster's owner; empty for an allowed change.</summary>
    public string Explanation { get; init; } = "";

    /// <summary>When to ask again; null when a change of the cluster leads to it.</summary>
    public DateTimeOffset? AskAgainAt { get; init; }

    /// <summary>It has to wait.</summary>
    /// <param name="explanation">Why, as a sentence for the cluster's owner.</param>
    /// <param name="askAgainAt">When to ask again.</param>
    public static PolicyDecision Wait(string explanation, DateTimeOffset? askAgainAt = null) =>
        new() { IsAllowed = false, Explanation = explanation, AskAgainAt = askAgainAt };
}
