using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Patroni;
using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Reconciliation.Observation;
using Zalando.Postgres.Sdk.Resources.Configuration;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Reconciliation.Patroni;

/// <summary>Finds the REST API of a cluster's members.</summary>
internal static class PatroniEndpoint
{
    /// <summary>Port 8008 of the pod's address; null while it has none. Members with a certificate of their own for the API say so in their record.</summary>
    public static Uri? Of(JsonObject pod)
    {
        var address = pod.Child("status").Text("podIP");
        if (string.IsNullOrEmpty(address) || Uri.CheckHostName(address) == UriHostNameType.Unknown) return null;
        var record = pod.Annotation("status") is { } text && text.Contains("\"api_url\":\"https:", StringComparison.Ordinal);
        return PatroniAddress.Of(address, tls: record);
    }

    /// <summary>The running pods of a cluster, the primary first.</summary>
    public static IEnumerable<JsonObject> Members(ObservedCluster observed, OperatorSettings settings, ClusterKey key) =>
        observed.List(KubernetesKinds.Pod, key.Namespace)
            .Where(p => p.Label(settings.Kubernetes.ClusterNameLabel) == key.Name && settings.Kubernetes.ClusterLabels.All(l => p.Label(l.Key) == l.Value))
            .Where(p => p.Metadata("deletionTimestamp") is null && p.Child("status").Text("phase") == "Running")
            .OrderBy(p => p.Label(settings.Kubernetes.PodRoleLabel) == "master" ? 0 : 1).ThenBy(p => p.IsReadyPod() ? 0 : 1);
}
