using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Kubernetes.Client;
using Zalando.Postgres.Sdk.Reconciliation.Plugins;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Samples.Plugins;

/// <summary>Keeps a ConfigMap with host and port of each cluster, for applications that cannot read anything else.</summary>
/// <param name="client">The API server.</param>
public sealed class ConnectionInformation(IKubernetesClient client) : IReconcileStep
{
    /// <inheritdoc />
    public string Name => "connection-information";

    /// <inheritdoc />
    public ReconcileStage Stage => ReconcileStage.AfterChanges;

    /// <inheritdoc />
    public async Task RunAsync(ReconcileStepContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        var name = context.Cluster.Name + "-connection";
        // It is observed with the cluster because of its label: a cluster at rest costs no request.
        if (context.Observed.Find(KubernetesKinds.ConfigMap, context.Cluster.Namespace, name) is not null) return;
        await client.CreateAsync(
            KubernetesKinds.ConfigMap,
            new JsonObject
            {
                ["apiVersion"] = "v1", ["kind"] = "ConfigMap",
                ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = context.Cluster.Namespace, ["labels"] = new JsonObject { ["cluster-name"] = context.Cluster.Name } },
                ["data"] = new JsonObject { ["host"] = $"{context.Cluster.Name}.{context.Cluster.Namespace}.svc", ["port"] = "5432" },
            },
            null, null, cancellationToken).ConfigureAwait(false);
    }
}
