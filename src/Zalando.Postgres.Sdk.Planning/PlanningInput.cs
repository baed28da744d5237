using Zalando.Postgres.Sdk.Planning.Roles;
using Zalando.Postgres.Sdk.Resources;

namespace Zalando.Postgres.Sdk.Planning;

/// <summary>Everything a plan is made of. The same input always gives the same plan.</summary>
public sealed record PlanningInput
{
    /// <summary>The manifest of the cluster, as the API server has it. With a deletion timestamp it is planned to go.</summary>
    public required Postgresql Manifest { get; init; }

    /// <summary>The configuration of the operator; a ConfigMap is read with <c>ConfigMapConfiguration</c> first.</summary>
    public required OperatorConfiguration Configuration { get; init; }

    /// <summary>What exists.</summary>
    public required ObservedCluster Observed { get; init; }

    /// <summary>The time, for maintenance windows and due dates.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>Randomness for passwords that have to be generated.</summary>
    public required PasswordSeed PasswordSeed { get; init; }

    /// <summary>What was found when the manifest was read, for example deprecated names. It becomes part of the plan's findings.</summary>
    /// <value>Default: nothing.</value>
    public IReadOnlyList<Finding> ManifestFindings { get; init; } = [];

    /// <summary>Namespace of the operator: where a configuration looks for objects that it names without one.</summary>
    /// <value>Default: <c>default</c>.</value>
    public string OperatorNamespace { get; init; } = "default";

    /// <summary>Whether a restart of database pods or poolers waits for the maintenance window or for an approval. A cluster's annotation
    /// <see cref="RestartAnnotations.Policy"/> wins.</summary>
    /// <value>Default: <see cref="RestartPolicy.Immediately"/>.</value>
    public RestartPolicy RestartPolicy { get; init; }

    /// <summary>Which changes of cpu and memory reach running pods. A cluster's annotation <see cref="RestartAnnotations.Resize"/> wins.</summary>
    /// <value>Default: <see cref="ResizePolicy.Cpu"/>.</value>
    public ResizePolicy ResizePolicy { get; init; }

    /// <summary>What former passes of this cluster found out; null to look at everything. The plan is the same.</summary>
    public PlanningMemory? Memory { get; init; }

    /// <summary>Infrastructure roles and members of teams; they count only when the catalogue was observed.</summary>
    /// <value>Default: none.</value>
    public RoleInputs Roles { get; init; } = RoleInputs.None;

    /// <summary>Changes of desired objects before they are compared with what exists, in order. They must be functions: same object, same result.</summary>
    /// <value>Default: none.</value>
    public IReadOnlyList<Func<DesiredObject, DesiredObject>> Filters { get; init; } = [];
}
