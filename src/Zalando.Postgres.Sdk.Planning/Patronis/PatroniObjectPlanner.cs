using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning.Clusters;
using Zalando.Postgres.Sdk.Planning.Json;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Planning.Patronis;

/// <summary>Objects in which Patroni keeps its state: Patroni makes them, the operator only adds owner and inherited annotations.</summary>
internal static class PatroniObjectPlanner
{
    private static readonly string[] Suffixes = ["leader", "config", "sync", "failover"];

    /// <summary>Patroni's objects that exist.</summary>
    public static IEnumerable<(KubernetesKind Kind, JsonObject Object)> List(ClusterContext context)
    {
        if (context.PatroniUsesEtcd) yield break;
        var kind = context.PatroniUsesConfigMaps ? KubernetesKinds.ConfigMap : KubernetesKinds.Endpoints;
        foreach (var suffix in Suffixes)
            if (context.Observed.Find(kind, context.Namespace, $"{context.Name}-{suffix}") is { } item) yield return (kind, item);
        if (context.Observed.Find(KubernetesKinds.Service, context.Namespace, context.Name + "-config") is { } service) yield return (KubernetesKinds.Service, service);
    }

    public static void Plan(ClusterContext context, List<PlannedChange> changes)
    {
        foreach (var (kind, item) in List(context))
        {
            var desired = new JsonObject { ["metadata"] = new JsonObject() };
            var metadata = desired["metadata"]!.AsObject();
            if (context.InheritedAnnotations.Count > 0)
                metadata["annotations"] = new JsonObject(context.InheritedAnnotations.Select(a => KeyValuePair.Create(a.Key, (JsonNode?)JsonValue.Create(a.Value))));
            if (context.OwnerReferences is { } owners)
            {
                metadata["ownerReferences"] = new JsonArray([.. owners.Select(o =>
                    System.Text.Json.JsonSerializer.SerializeToNode(o, KubernetesJsonContext.Default.OwnerReference))]);
            }

            var comparison = ObjectDiff.CompareNormalized(kind, Shell(item), desired, new ObjectDiffOptions
            {
                OwnedAnnotations = context.Settings.Kubernetes.InheritedAnnotations,
                IgnoredAnnotations = context.Settings.Kubernetes.IgnoredAnnotations,
            });
            if (comparison.AreEqual) continue;
            changes.Add(new PatchObject
            {
                Target = ChangeTarget.Of(kind, context.Namespace, item.Text("metadata", "name")!),
                Kind = kind,
                Patch = comparison.Patch,
                Reasons = comparison.Reasons,
                Stage = ChangeStage.Services,
            });
        }
    }

    // Only the metadata takes part in the comparison.
    private static JsonObject Shell(JsonObject item) => new() { ["metadata"] = item["metadata"]?.DeepClone() };
}
