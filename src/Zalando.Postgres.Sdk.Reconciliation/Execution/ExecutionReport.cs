namespace Zalando.Postgres.Sdk.Reconciliation.Execution;

/// <summary>What came of a plan.</summary>
/// <param name="Results">The changes that were tried, in order; only the last one can be other than done or passed over.</param>
public sealed record ExecutionReport(IReadOnlyList<ChangeResult> Results)
{
    /// <summary>Nothing was tried.</summary>
    public static ExecutionReport Nothing { get; } = new([]);

    /// <summary>The change that did not go through; null when all did.</summary>
    public ChangeResult? Stopped => Results.Count > 0 && Results[^1] is { IsPassedOver: false } last && last.Outcome != ChangeOutcome.Done ? last : null;

    /// <summary>Changes that did not go through and on which nothing else depends.</summary>
    public IEnumerable<ChangeResult> PassedOver => Results.Where(r => r.IsPassedOver);

    /// <summary>How many changes were made.</summary>
    public int Made => Results.Count(r => r.Outcome == ChangeOutcome.Done);
}
