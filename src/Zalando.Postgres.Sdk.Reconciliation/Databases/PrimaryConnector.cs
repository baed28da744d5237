using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Database;
using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Reconciliation.Execution;
using Zalando.Postgres.Sdk.Reconciliation.Observation;
using Zalando.Postgres.Sdk.Reconciliation.Patroni;
using Zalando.Postgres.Sdk.Resources.Configuration;

namespace Zalando.Postgres.Sdk.Reconciliation.Databases;

/// <summary>Connects to the address of the primary's pod: the pod that leads now, whatever the Service's endpoints still say, and no name to resolve.</summary>
/// <param name="settings">Deadlines and encryption; host, user and password are filled in. Null for the defaults.</param>
public sealed class PrimaryConnector(PostgresServerSettings? settings = null) : IPostgresConnector
{
    private readonly PostgresServerSettings _settings = settings ?? new PostgresServerSettings { Host = "" };

    /// <summary>The pod that leads a cluster and is ready; null when none is.</summary>
    /// <param name="observed">What was observed.</param>
    /// <param name="settings">The operator's settings.</param>
    /// <param name="cluster">The cluster.</param>
    public static JsonObject? FindPrimary(ObservedCluster observed, OperatorSettings settings, ClusterKey cluster)
    {
        ArgumentNullException.ThrowIfNull(observed);
        ArgumentNullException.ThrowIfNull(settings);
        return PatroniEndpoint.Members(observed, settings, cluster).FirstOrDefault(p => p.Label(settings.Kubernetes.PodRoleLabel) == "master" && p.IsReadyPod());
    }

    /// <inheritdoc />
    public IPostgresServer? Connect(PassContext context, string userName, Func<CancellationToken, ValueTask<string>> password)
    {
        ArgumentNullException.ThrowIfNull(context);
        var primary = FindPrimary(context.Observed, context.Settings, context.Plan.Cluster);
        var address = (primary?["status"] as JsonObject).Text("podIP");
        return string.IsNullOrEmpty(address) ? null : new PostgresServer(_settings with { Host = address, UserName = userName, Password = password });
    }
}
