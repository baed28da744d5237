using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Reconciliation.Execution;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;

namespace Zalando.Postgres.Sdk.Reconciliation.Statuses;

/// <summary>What the status of a cluster is worked out from.</summary>
public sealed record StatusInput
{
    /// <summary>The manifest, with the status that it has.</summary>
    public required Postgresql Manifest { get; init; }

    /// <summary>The operator's settings.</summary>
    public required OperatorSettings Settings { get; init; }

    /// <summary>What exists.</summary>
    public required ObservedCluster Observed { get; init; }

    /// <summary>What is to be done; null when planning failed.</summary>
    public Plan? Plan { get; init; }

    /// <summary>What came of it; null before the execution.</summary>
    public ExecutionReport? Report { get; init; }

    /// <summary>Roles and databases.</summary>
    public DatabaseState Databases { get; init; }

    /// <summary>The restart that this pass made; null when it made none.</summary>
    public RestartStatus? LastRestart { get; init; }

    /// <summary>Why the pass failed; null when it did not. Never a secret.</summary>
    public string? Failure { get; init; }

    /// <summary>Who could not be asked, although the pass did not fail: shown as a degradation only; null for nobody. Never a secret.</summary>
    public string? Trouble { get; init; }

    /// <summary>Whether the failure is to be shown as a failed operation, and not only as a hiccup.</summary>
    public bool IsLastingFailure { get; init; }

    /// <summary>The time of transitions.</summary>
    public required DateTimeOffset Now { get; init; }
}
