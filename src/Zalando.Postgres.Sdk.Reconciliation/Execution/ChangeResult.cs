using Zalando.Postgres.Sdk.Planning;

namespace Zalando.Postgres.Sdk.Reconciliation.Execution;

/// <summary>What came of one change.</summary>
/// <param name="Change">The change.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="Message">The server's own words for a failure, or what it waits for; null for a change that was made. Never a secret.</param>
public sealed record ChangeResult(PlannedChange Change, ChangeOutcome Outcome, string? Message = null)
{
    /// <summary>When to look again, for a change that waits; null when a change of the cluster leads to it.</summary>
    public TimeSpan? LookAgainAfter { get; init; }

    /// <summary>It did not go through, but the rest of the plan does not depend on it and goes on.</summary>
    public bool IsPassedOver { get; init; }

    /// <summary>The same call may succeed later without anybody doing anything: no answer, an overloaded server.</summary>
    public bool IsTransient { get; init; }
}
