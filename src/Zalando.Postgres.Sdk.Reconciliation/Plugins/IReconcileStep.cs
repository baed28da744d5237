namespace Zalando.Postgres.Sdk.Reconciliation.Plugins;

/// <summary>Extra work on a cluster, at a named stage of each pass. It must be level-triggered: look at what is there, do what is missing, and
/// cost nothing when nothing is missing.</summary>
/// <remarks>A step that throws, or takes longer than a call may take, fails the pass of its cluster only; the cluster's status names it.</remarks>
public interface IReconcileStep
{
    /// <summary>Name for status, Events and logs.</summary>
    string Name { get; }

    /// <summary>When it runs.</summary>
    ReconcileStage Stage { get; }

    /// <summary>Does the work.</summary>
    /// <param name="context">The cluster and what was observed of it.</param>
    /// <param name="cancellationToken">The deadline of the step.</param>
    Task RunAsync(ReconcileStepContext context, CancellationToken cancellationToken);
}
