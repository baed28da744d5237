using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Resources;

namespace Zalando.Postgres.Sdk.Reconciliation.Plugins;

/// <summary>What an <see cref="IReconcileStep"/> may know.</summary>
public sealed record ReconcileStepContext
{
    /// <summary>The cluster.</summary>
    public required ClusterKey Cluster { get; init; }

    /// <summary>Its manifest.</summary>
    public required Postgresql Manifest { get; init; }

    /// <summary>What was observed before the pass.</summary>
    public required ObservedCluster Observed { get; init; }

    /// <summary>What the pass does.</summary>
    public required Plan Plan { get; init; }

    /// <summary>The configuration in force.</summary>
    public required OperatorConfiguration Configuration { get; init; }
}
