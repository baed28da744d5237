using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning.Clusters;
using Zalando.Postgres.Sdk.Planning.Json;
using Zalando.Postgres.Sdk.Planning.Pods;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Planning.StatefulSets;

/// <summary>Changes of the StatefulSet and of its pods.</summary>
internal static class StatefulSetPlanner
{
    public static void Plan(ClusterContext context, DesiredObject desired, List<PlannedChange> changes, List<PendingChange> pending)
    {
        var pods = DatabasePod.List(context);
        var wanted = desired.Body.Int("spec", "replicas") ?? 0;
        var current = context.Observed.Objects.GetValueOrDefault(desired.Key);
        var outdated = new SortedDictionary<string, IReadOnlyList<ChangeReason>>(StringComparer.Ordinal);
        foreach (var pod in pods.Where(p => p.IsMarked)) outdated[pod.Name] = [MarkReason];
        if (current is null)
        {
            changes.Add(ConvergencePlanner.Create(desired));
            // Pods of a StatefulSet that was deleted without them are adopted by the new one and not restarted for it.
            PodRoll.Plan(context, pods, outdated, pods.Count, changes, pending);
            return;
        }

        var present = current.Int("spec", "replicas") ?? 1;
        var expected = wanted;
        if (wanted < present && ScaleIn.MustWait(context, pods, wanted, present, changes, pending))
        {
            desired = desired with { Body = WithReplicas(desired.Body, present) };
            expected = present;
        }

        var comparison = ConvergencePlanner.Compare(context, desired.Kind, current, desired.Body);
        var podReasons = comparison.Reasons.Where(r => r.Consequence == Consequence.RecreatePods).ToArray();
        if (podReasons.Length > 0)
        {
            foreach (var pod in pods)
            {
                // The mark is written before the template, so that nothing is forgotten when the operator ends in between.
                if (!pod.IsMarked) changes.Add(PodMarks.Mark(context, pod, podReasons));
                outdated[pod.Name] = podReasons;
            }
        }

        if (!comparison.AreEqual)
        {
            var change = ConvergencePlanner.Change(desired, current, comparison);
            changes.Add(change with { Disruption = expected < present ? (expected == 0 ? Disruption.Downtime : Disruption.PodRecreation) : Disruption.None });
        }

        if (podReasons.Length == 0)
        {
            AddForgottenPods(context, desired, pods, outdated, changes);
            Annotate(context, desired, comparison, pods, outdated, changes);
        }

        // Pods that scaling in removes are not made again before.
        var staying = expected < present ? pods.Where(p => p.Ordinal < expected).ToArray() : pods;
        PodRoll.Plan(context, staying, outdated, Math.Min(expected, present), changes, pending);
    }

    private static ChangeReason MarkReason => new()
    {
        FieldPath = $"metadata.annotations[{DatabasePod.RecreateAnnotation}]",
        Old = "true",
        Consequence = Consequence.RecreatePods,
        RequestedBy = Requester.Operator,
        Explanation = "the pod is marked to be made again",
    };

    private static JsonObject WithReplicas(JsonObject body, int replicas)
    {
        var copy = (JsonObject)body.DeepClone();
        copy["spec"]!["replicas"] = replicas;
        return copy;
    }

    // Pods that still run another image: from a time when images were lazy, or from a roll that was cut short.
    private static void AddForgottenPods(
        ClusterContext context, DesiredObject desired, IReadOnlyList<DatabasePod> pods, SortedDictionary<string, IReadOnlyList<ChangeReason>> outdated, List<PlannedChange> changes)
    {
        if (context.Settings.EnableLazySpiloUpgrade || outdated.Count > 0) return;
        var image = desired.Body.Items("spec", "template", "spec", "containers").First().Text("image");
        foreach (var pod in pods.Where(p => p.PostgresImage is not null && p.PostgresImage != image))
        {
            ChangeReason[] reasons =
            [
                new ChangeReason
                {
                    FieldPath = $"spec.containers[{ContainerResources.PostgresContainer}].image",
                    Old = pod.PostgresImage,
                    New = image,
                    Consequence = Consequence.RecreatePods,
                    RequestedBy = Requester.ClusterState,
                    Explanation = "the pod still runs the former image",
                },
            ];
            changes.Add(PodMarks.Mark(context, pod, reasons));
            outdated[pod.Name] = reasons;
        }
    }

    private static void Annotate(
        ClusterContext context, DesiredObject desired, ObjectComparison comparison, IReadOnlyList<DatabasePod> pods, SortedDictionary<string, IReadOnlyList<ChangeReason>> outdated, List<PlannedChange> changes)
    {
        const string prefix = "spec.template.metadata.annotations[";
        var annotations = desired.Body.Object("spec", "template", "metadata", "annotations");
        var removed = comparison.Reasons.Where(r => r.New is null && r.FieldPath.StartsWith(prefix, StringComparison.Ordinal))
            .Select(r => r.FieldPath[prefix.Length..^1])
            // With a role of the service account the former role of the pods keeps working until they are made again.
            .Where(k => k != "iam.amazonaws.com/role" || context.Settings.AwsOrGcp.IrsaRoleArn.Length == 0).ToArray();
        foreach (var pod in pods.Where(p => !outdated.ContainsKey(p.Name)))
            if (PodMarks.Annotate(context, pod, annotations, removed) is { } patch) changes.Add(patch);
    }
}
