using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning.Clusters;
using Zalando.Postgres.Sdk.Planning.Json;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Planning.Pods;

/// <summary>Annotations of running pods: the mark that they must be made again, and those of the template that changed.</summary>
internal static class PodMarks
{
    private const int LongestCause = 1000;

    public static PatchObject Mark(ClusterContext context, DatabasePod pod, IReadOnlyList<ChangeReason> reasons) =>
        Patch(context, pod, new JsonObject { [DatabasePod.RecreateAnnotation] = "true", [DatabasePod.CauseAnnotation] = Cause(reasons) }, reasons, ChangeStage.StatefulSet);

    /// <summary>Notes since when the pod is to get other amounts while it runs; null takes the note away.</summary>
    public static PatchObject Resize(ClusterContext context, DatabasePod pod, string? value, IReadOnlyList<ChangeReason> reasons) =>
        Patch(context, pod, new JsonObject { [PodNotes.ResizeInPlace] = value }, reasons, value is null ? ChangeStage.Pods : ChangeStage.StatefulSet);

    /// <summary>Notes from when on all members can be expected to know settings.</summary>
    public static PatchObject Settle(ClusterContext context, DatabasePod pod, string value, IReadOnlyList<ChangeReason> reasons) =>
        Patch(context, pod, new JsonObject { [DatabasePod.SettledAnnotation] = value }, reasons, ChangeStage.Pods);

    private static string Cause(IReadOnlyList<ChangeReason> reasons)
    {
        var text = string.Join("; ", reasons.Take(5).Select(r => r.ToString()));
        return text.Length <= LongestCause ? text : text[..LongestCause] + "...";
    }

    /// <summary>Brings the annotations of the template to a pod that keeps running.</summary>
    /// <param name="context">The cluster.</param>
    /// <param name="pod">The pod.</param>
    /// <param name="desired">Annotations of the desired template.</param>
    /// <param name="removed">Keys that the template loses.</param>
    public static PatchObject? Annotate(ClusterContext context, DatabasePod pod, JsonObject? desired, IEnumerable<string> removed)
    {
        var current = pod.Source.Object("metadata", "annotations");
        var ignored = context.Settings.Kubernetes.IgnoredAnnotations;
        var patch = new JsonObject();
        var reasons = new List<ChangeReason>();
        foreach (var (key, value) in desired ?? [])
        {
            if (ignored.Contains(key, StringComparer.Ordinal) || current.Text(key) == (string?)value) continue;
            patch[key] = value?.DeepClone();
            reasons.Add(new ChangeReason { FieldPath = $"metadata.annotations[{key}]", Old = current.Text(key), New = (string?)value });
        }

        foreach (var key in removed)
        {
            if (current?.ContainsKey(key) != true) continue;
            patch[key] = null;
            reasons.Add(new ChangeReason { FieldPath = $"metadata.annotations[{key}]", Old = current.Text(key) });
        }

        return patch.Count == 0 ? null : Patch(context, pod, patch, reasons, ChangeStage.Pods);
    }

    private static PatchObject Patch(ClusterContext context, DatabasePod pod, JsonObject annotations, IReadOnlyList<ChangeReason> reasons, ChangeStage stage) => new()
    {
        Target = ChangeTarget.Of(KubernetesKinds.Pod, context.Namespace, pod.Name),
        Kind = KubernetesKinds.Pod,
        Patch = new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = annotations } },
        Uid = pod.Uid,
        Reasons = reasons,
        Stage = stage,
    };
}
