using Zalando.Postgres.Sdk.Planning;

namespace Zalando.Postgres.Sdk.Reconciliation.Plugins;

/// <summary>Decides whether a planned change may run now. What may not stays in the plan as pending, with the policy's words.</summary>
/// <remarks>A policy that throws, or takes longer than a call may take, holds the change back and is named in the cluster's status; other clusters go on.</remarks>
public interface IPlanPolicy
{
    /// <summary>Asked right before a change is made, each time it is planned.</summary>
    /// <param name="plan">The plan that the change belongs to.</param>
    /// <param name="change">The change.</param>
    /// <param name="cancellationToken">The deadline of the call.</param>
    ValueTask<PolicyDecision> DecideAsync(Plan plan, PlannedChange change, CancellationToken cancellationToken);
}
