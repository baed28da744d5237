using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Reconciliation.Observation;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Reconciliation.Deletion;

/// <summary>Finds objects that carry the labels of a cluster that has no manifest. Costs no request.</summary>
internal static class OrphanSearch
{
    private static readonly KubernetesKind[] Kinds =
    [
        KubernetesKinds.StatefulSet, KubernetesKinds.Pod, KubernetesKinds.Service, KubernetesKinds.PodDisruptionBudget,
        KubernetesKinds.Deployment, KubernetesKinds.CronJob, KubernetesKinds.ConfigMap, KubernetesKinds.Endpoints,
    ];

    // Claims and secrets that stand alone were kept on purpose, for a successor. What the garbage collector is about to delete is nobody's orphan either.
    public static IReadOnlyList<Orphan> Find(ObjectStore store, OperatorSettings settings)
    {
        var label = settings.Kubernetes.ClusterNameLabel;
        var found = new Dictionary<ClusterKey, List<JsonObject>>();
        foreach (var kind in Kinds)
        {
            foreach (var item in store.List(kind))
            {
                if (item.Label(label) is not { Length: > 0 } name || item.Metadata("namespace") is not { Length: > 0 } space) continue;
                if (item.Metadata("deletionTimestamp") is not null || IsOwned(item) || store.Get(Postgresql.Descriptor, space, name) is not null) continue;
                var key = new ClusterKey(space, name);
                if (!found.TryGetValue(key, out var objects)) found.Add(key, objects = []);
                objects.Add(item);
            }
        }

        var orphans = new List<Orphan>();
        foreach (var (key, objects) in found)
        {
            // Pods, services and StatefulSets carry all labels of a cluster. Without one of them the rest belongs to something else.
            var anchor = objects.FirstOrDefault(o => o.Text("kind") is "StatefulSet" or "Pod" or "Service" && settings.Kubernetes.ClusterLabels.All(l => o.Label(l.Key) == l.Value));
            if (anchor is null) continue;
            var secrets = store.ListIn(KubernetesKinds.Secret, key.Namespace).Where(s => s.Label(label) == key.Name && !DeletionRecord.IsRecord(s)).ToList();
            orphans.Add(new Orphan(key, anchor, objects, secrets));
        }

        return [.. orphans.OrderBy(o => o.Cluster.ToString(), StringComparer.Ordinal)];
    }

    private static bool IsOwned(JsonObject item)
    {
        foreach (var owner in item.Child("metadata").Items("ownerReferences") ?? [])
            if (owner is JsonObject reference && reference.Text("kind") == Postgresql.Descriptor.Kind) return true;
        return false;
    }
}
