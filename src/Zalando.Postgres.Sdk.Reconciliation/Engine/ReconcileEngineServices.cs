using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Zalando.Postgres.Sdk.Kubernetes.Client;
using Zalando.Postgres.Sdk.Patroni;
using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Reconciliation.Databases;
using Zalando.Postgres.Sdk.Reconciliation.Execution;
using Zalando.Postgres.Sdk.Reconciliation.Plugins;

namespace Zalando.Postgres.Sdk.Reconciliation.Engine;

/// <summary>What the engine works with.</summary>
public sealed record ReconcileEngineServices
{
    /// <summary>The API server.</summary>
    public required IKubernetesClient Kubernetes { get; init; }

    /// <summary>The operator configuration.</summary>
    public required IOperatorConfigurationSource Configuration { get; init; }

    /// <summary>Plans a pass; a manifest with a deletion timestamp is planned to go. <value><see cref="ClusterPlanner.Plan"/></value></summary>
    public Func<PlanningInput, Plan> Planner { get; init; } = ClusterPlanner.Plan;

    /// <summary>Executors of changes beside those of Kubernetes objects, for example of Patroni. <value>none</value></summary>
    public IReadOnlyList<IChangeExecutor> Executors { get; init; } = [];

    /// <summary>Patroni's REST API, to ask the primary for its version when a major version upgrade may be due; null asks nobody, and nothing is upgraded. <value>null</value></summary>
    public IPatroniClient? Patroni { get; init; }

    /// <summary>Where the REST API of a pod is; null for port 8008 of its address. <value>null</value></summary>
    public Func<JsonObject, Uri?>? PatroniAddresses { get; init; }

    /// <summary>Observes databases and changes them; null leaves the databases alone. <value>null</value></summary>
    public IDatabaseReconciler? Databases { get; init; }

    /// <summary>Who changes volumes, by name of the provisioner, for <c>storage_resize_mode</c> <c>ebs</c> and <c>mixed</c>. <value>none</value></summary>
    public IReadOnlyDictionary<string, IVolumeResizer> VolumeResizers { get; init; } = new Dictionary<string, IVolumeResizer>(StringComparer.Ordinal);

    /// <summary>Changes of desired objects before they are compared with what exists. <value>none</value></summary>
    public IReadOnlyList<IManifestFilter> Filters { get; init; } = [];

    /// <summary>Who may hold changes back. <value>none</value></summary>
    public IReadOnlyList<IPlanPolicy> Policies { get; init; } = [];

    /// <summary>Extra work on clusters. <value>none</value></summary>
    public IReadOnlyList<IReconcileStep> Steps { get; init; } = [];

    /// <summary>The clock. <value>the system's</value></summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Random numbers in [0, 1) that spread pauses. <value>the process-wide generator</value></summary>
    public Func<double> Random { get; init; } = System.Random.Shared.NextDouble;

    /// <summary>Fresh bytes for the passwords that a pass generates. <value>the cryptographic generator</value></summary>
    public Func<byte[]> PasswordBytes { get; init; } = static () => System.Security.Cryptography.RandomNumberGenerator.GetBytes(32);

    /// <summary>Where the engine logs. <value>nowhere</value></summary>
    public ILoggerFactory Logging { get; init; } = NullLoggerFactory.Instance;
}
