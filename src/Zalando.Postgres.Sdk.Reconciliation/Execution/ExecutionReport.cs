namespace Zalando.Postgres.Sdk.Reconciliation.Execution;

/// <summary>What came of a plan.</summary>
/// <param name="Results">The changes that were tried, in order; only the last one can be other than done.</param>
public sealed record ExecutionReport(IReadOnlyList<ChangeResult> Results)
{
    /// <summary>Nothing was tried.</summary>
    public static ExecutionReport Nothing { get; } = new([]);

    /// <summary>The change that did not go through; null when all did.</summary>
    public ChangeResult? Stopped => Results.Count > 0 && Results[^1].Outcome != ChangeOutcome.Done ? Results[^1] : null;

    /// <summary>How many changes were made.</summary>
    public int Made => Results.Count(r => r.Outcome == ChangeOutcome.Done);
}
