using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Database;
using Zalando.Postgres.Sdk.Reconciliation.Execution;
using Zalando.Postgres.Sdk.Reconciliation.Observation;
using Zalando.Postgres.Sdk.Reconciliation.Patroni;

namespace Zalando.Postgres.Sdk.Reconciliation.Databases;

/// <summary>Connects to the address of the primary's pod: the pod that leads now, whatever the Service's endpoints still say, and no name to resolve.</summary>
/// <param name="settings">Deadlines and encryption; host, user and password are filled in. Null for the defaults.</param>
public sealed class PrimaryConnector(PostgresServerSettings? settings = null) : IPostgresConnector
{
    private readonly PostgresServerSettings _settings = settings ?? new PostgresServerSettings { Host = "" };

    /// <inheritdoc />
    public IPostgresServer? Connect(PassContext context, string userName, Func<CancellationToken, ValueTask<string>> password)
    {
        ArgumentNullException.ThrowIfNull(context);
        var primary = PatroniEndpoint.Members(context.Observed, context.Settings, context.Plan.Cluster)
            .FirstOrDefault(p => p.Label(context.Settings.Kubernetes.PodRoleLabel) == "master" && p.IsReadyPod());
        var address = (primary?["status"] as JsonObject).Text("podIP");
        return string.IsNullOrEmpty(address) ? null : new PostgresServer(_settings with { Host = address, UserName = userName, Password = password });
    }
}
