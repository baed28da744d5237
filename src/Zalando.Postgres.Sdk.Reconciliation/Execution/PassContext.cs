using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;

namespace Zalando.Postgres.Sdk.Reconciliation.Execution;

/// <summary>What an executor may know of the pass it works for.</summary>
public sealed record PassContext
{
    /// <summary>The manifest that was planned for.</summary>
    public required Postgresql Manifest { get; init; }

    /// <summary>The settings that were planned with.</summary>
    public required OperatorSettings Settings { get; init; }

    /// <summary>What was observed before planning.</summary>
    public required ObservedCluster Observed { get; init; }

    /// <summary>The plan.</summary>
    public required Plan Plan { get; init; }

    /// <summary>Namespace of the operator, in which objects are that the configuration names without a namespace.</summary>
    /// <value>Default: <c>default</c>.</value>
    public string OperatorNamespace { get; init; } = "default";

    /// <summary>Makes a change that was planned on the way, asking the policies first: by the given executor, or null for the one that handles the change.
    /// Null when nobody makes changes.</summary>
    public Func<PlannedChange, IChangeExecutor?, CancellationToken, Task<ChangeResult>>? Make { get; init; }
}
