using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning.Clusters;
using Zalando.Postgres.Sdk.Planning.Json;
using Zalando.Postgres.Sdk.Planning.Pods;
using Zalando.Postgres.Sdk.Planning.StatefulSets;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Planning.Volumes;

/// <summary>Claims of the data volumes: growth and inherited annotations. They never shrink.</summary>
internal static class ClaimPlanner
{
    public static IReadOnlyList<JsonObject> List(ClusterContext context) =>
    [
        .. context.Observed.List(KubernetesKinds.PersistentVolumeClaim, context.Namespace)
            .Where(c => DatabasePod.OrdinalOf($"{PodVolumes.DataVolume}-{context.Name}", c.Text("metadata", "name") ?? "") is not null
                && context.BaseLabels.All(l => c.Text("metadata", "labels", l.Key) == l.Value)),
    ];

    public static void Plan(ClusterContext context, List<PlannedChange> changes)
    {
        foreach (var claim in List(context))
        {
            var patch = new JsonObject();
            var reasons = new List<ChangeReason>();
            var grows = Grow(context, claim, patch, reasons);
            Annotate(context, claim, patch, reasons);
            if (reasons.Count == 0) continue;
            changes.Add(new PatchObject
            {
                Target = ChangeTarget.Of(KubernetesKinds.PersistentVolumeClaim, context.Namespace, claim.Text("metadata", "name")!),
                Kind = KubernetesKinds.PersistentVolumeClaim,
                Patch = patch,
                Uid = claim.Text("metadata", "uid"),
                Reasons = reasons,
                Stage = ChangeStage.Volumes,
                Reversibility = grows ? Reversibility.Irreversible : Reversibility.Reversible,
            });
        }
    }

    private static bool Grow(ClusterContext context, JsonObject claim, JsonObject patch, List<ChangeReason> reasons)
    {
        if (!Quantity.TryParse(context.Spec.Volume.Size, out var wanted)
            || !Quantity.TryParse(claim.Text("spec", "resources", "requests", "storage"), out var present) || wanted == present) return false;
        var name = claim.Text("metadata", "name")!;
        if (wanted < present)
        {
            context.Warn("VolumeCannotShrink", "spec.volume.size", $"The claim {name} has {present}; a volume cannot shrink, so it keeps its size.", wanted.ToString());
            return false;
        }

        if (context.Settings.Kubernetes.StorageResizeMode is "off" or "ebs") return false;
        patch["spec"] = new JsonObject { ["resources"] = new JsonObject { ["requests"] = new JsonObject { ["storage"] = wanted.ToCanonicalString() } } };
        reasons.Add(new ChangeReason { FieldPath = "spec.resources.requests.storage", Old = present.ToString(), New = wanted.ToCanonicalString() });
        return true;
    }

    private static void Annotate(ClusterContext context, JsonObject claim, JsonObject patch, List<ChangeReason> reasons)
    {
        var current = claim.Object("metadata", "annotations");
        var changed = new JsonObject();
        foreach (var (key, value) in context.InheritedAnnotations)
        {
            if (current.Text(key) == value) continue;
            changed[key] = value;
            reasons.Add(new ChangeReason { FieldPath = $"metadata.annotations[{key}]", Old = current.Text(key), New = value });
        }

        foreach (var key in context.Settings.Kubernetes.InheritedAnnotations)
        {
            if (context.InheritedAnnotations.ContainsKey(key) || current?.ContainsKey(key) != true) continue;
            changed[key] = null;
            reasons.Add(new ChangeReason { FieldPath = $"metadata.annotations[{key}]", Old = current.Text(key) });
        }

        if (changed.Count > 0) patch["metadata"] = new JsonObject { ["annotations"] = changed };
    }
}
