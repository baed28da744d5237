using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Reconciliation.Deletion;
using Zalando.Postgres.Sdk.Reconciliation.Queue;

namespace Zalando.Postgres.Sdk.Reconciliation.Engine;

/// <summary>Settings of the process. What the operator does to clusters is in the operator configuration, not here.</summary>
public sealed record ReconcileEngineOptions
{
    /// <summary>Namespaces with clusters to look after; empty for those that the operator configuration names (<c>watched_namespace</c>), <c>*</c> for all. <value>empty</value></summary>
    public IReadOnlyList<string> Namespaces { get; init; } = [];

    /// <summary>Namespace of the operator itself: where the configuration looks for objects that it names without one. <value>default</value></summary>
    public string OperatorNamespace { get; init; } = "default";

    /// <summary>Name of this operator: it looks after clusters whose annotation <c>acid.zalan.do/controller</c> is equal, and without a name after those without the annotation. <value>none</value></summary>
    public string ControllerId { get; init; } = "";

    /// <summary>What happens to objects of clusters that were deleted while no operator ran. <value><see cref="OrphanedClusters.Report"/></value></summary>
    public OrphanedClusters OrphanedClusters { get; init; }

    /// <summary>When pods may be restarted for a changed manifest, configuration or operator version; an annotation of a cluster wins. <value><see cref="RestartPolicy.Immediately"/></value></summary>
    public RestartPolicy RestartPolicy { get; init; }

    /// <summary>Which changes of cpu and memory reach running database pods, where the API server can do that; an annotation of a cluster wins. <value><see cref="ResizePolicy.Cpu"/></value></summary>
    public ResizePolicy ResizePolicy { get; init; }

    /// <summary>Passes at the same time; null for <c>workers</c> of the operator configuration. <value>null</value></summary>
    public int? Workers { get; init; }

    /// <summary>How often every cluster is looked at although nothing changed; null for <c>resync_period</c> of the operator configuration. <value>null</value></summary>
    public TimeSpan? ResyncPeriod { get; init; }

    /// <summary>How long one call to the outside, a plugin included, may take. <value>30 seconds</value></summary>
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>After how many failed passes in a row a passing trouble is shown as a failed operation. <value>3</value></summary>
    public int FailuresUntilShown { get; init; } = 3;

    /// <summary>Pauses of failing clusters.</summary>
    public QueueOptions Queue { get; init; } = new();
}
