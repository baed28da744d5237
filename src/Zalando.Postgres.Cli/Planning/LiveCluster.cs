using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Kubernetes.Client;
using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Cli.Planning;

/// <summary>Reads what exists of a cluster from the API server. Nothing is changed.</summary>
internal static class LiveCluster
{
    private static readonly KubernetesKind[] Labelled =
    [
        KubernetesKinds.StatefulSet, KubernetesKinds.Pod, KubernetesKinds.Service, KubernetesKinds.Endpoints, KubernetesKinds.Secret, KubernetesKinds.ConfigMap,
        KubernetesKinds.PersistentVolumeClaim, KubernetesKinds.PodDisruptionBudget, KubernetesKinds.Deployment, KubernetesKinds.CronJob, FabricEventStream.Descriptor,
    ];

    public static async Task<IReadOnlyList<JsonObject>> ReadAsync(
        IKubernetesClient client, PlanningInput input, CancellationToken cancellationToken)
    {
        var settings = OperatorSettings.From(input.Configuration);
        var space = input.Manifest.Metadata.Namespace!;
        var name = input.Manifest.Metadata.Name!;
        var objects = new List<JsonObject>();
        foreach (var kind in Labelled)
        {
            try
            {
                var list = await client.ListAsync(kind, space, new ListOptions { LabelSelector = $"{settings.Kubernetes.ClusterNameLabel}={name}" }, cancellationToken).ConfigureAwait(false);
                objects.AddRange(list.Items.Select(i => WithKind(i, kind)));
            }
            catch (KubernetesApiException e) when (e.StatusCode == 404)
            {
                // The kind is not installed, so there are none.
            }
        }

        if (settings.Kubernetes.StorageResizeMode is "ebs" or "mixed")
        {
            foreach (var volume in objects.Where(static o => (string?)o["kind"] == "PersistentVolumeClaim").Select(static c => c["spec"]?["volumeName"]?.ToString()).OfType<string>().ToArray())
            {
                try
                {
                    await AddAsync(KubernetesKinds.PersistentVolume, null, volume).ConfigureAwait(false);
                }
                catch (KubernetesApiException e) when (e.StatusCode == 403)
                {
                    // Whoever asks may see namespaces only; then the plan says nothing of volumes.
                }
            }
        }

        await AddAsync(Postgresql.Descriptor, space, name).ConfigureAwait(false);
        var account = settings.Kubernetes.PodServiceAccountName;
        await AddAsync(KubernetesKinds.ServiceAccount, space, account).ConfigureAwait(false);
        var bindings = await client.ListAsync(KubernetesKinds.RoleBinding, space, null, cancellationToken).ConfigureAwait(false);
        objects.AddRange(bindings.Items.Select(b => WithKind(b, KubernetesKinds.RoleBinding)));
        foreach (var key in ClusterPlanner.References(input))
        {
            var kind = key.Kind == "Secret" ? KubernetesKinds.Secret : key.Kind == "ConfigMap" ? KubernetesKinds.ConfigMap : KubernetesKinds.ServiceAccount;
            await AddAsync(kind, key.Namespace, key.Name).ConfigureAwait(false);
        }

        return objects;

        async Task AddAsync(KubernetesKind kind, string? inNamespace, string objectName)
        {
            if (await client.GetAsync(kind, inNamespace, objectName, cancellationToken).ConfigureAwait(false) is { } item) objects.Add(WithKind(item, kind));
        }
    }

    // Items of a list come without kind and version.
    private static JsonObject WithKind(JsonObject item, KubernetesKind kind)
    {
        item["kind"] = kind.Kind;
        item["apiVersion"] = kind.ApiVersion;
        return item;
    }
}
