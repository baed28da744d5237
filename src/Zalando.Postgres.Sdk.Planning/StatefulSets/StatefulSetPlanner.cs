using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning.Clusters;
using Zalando.Postgres.Sdk.Planning.Json;
using Zalando.Postgres.Sdk.Planning.Pods;
using Zalando.Postgres.Sdk.Planning.Restarts;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Planning.StatefulSets;

/// <summary>Changes of the StatefulSet and of its pods.</summary>
internal static class StatefulSetPlanner
{
    /// <summary>Adds what has to be changed.</summary>
    /// <returns>Whether the StatefulSet is as desired.</returns>
    public static bool Plan(ClusterContext context, DesiredObject desired, RestartHold? hold, List<PlannedChange> changes, List<PendingChange> pending)
    {
        var pods = DatabasePod.List(context);
        var current = context.Observed.Find(desired.Key);
        var outdated = Marked(context, pods);
        if (current is null)
        {
            changes.Add(ConvergencePlanner.Create(context, desired));
            // Pods of a StatefulSet that was deleted without them are adopted by the new one and not restarted for it.
            PodRoll.Plan(context, pods, outdated, pods.Count, hold, changes, pending);
            return false;
        }

        var wanted = desired.Body.Int("spec", "replicas") ?? 0;
        var present = current.Int("spec", "replicas") ?? 1;
        var expected = wanted;
        if (wanted < present && ScaleIn.MustWait(context, pods, wanted, present, changes, pending))
        {
            desired = desired with { Body = With(desired.Body, "replicas", present) };
            expected = present;
        }

        var comparison = ConvergencePlanner.Compare(context, desired, current);
        var podReasons = comparison.Reasons.Where(r => r.Consequence == Consequence.RecreatePods).ToArray();
        var resizes = podReasons.Length > 0 && PodResize.Applies(context, podReasons, current, desired.Body, pods);
        if (resizes)
        {
            PodResize.Mark(context, pods, podReasons, changes);
            comparison = comparison with { Reasons = [.. comparison.Reasons.Select(static r => r.Consequence == Consequence.RecreatePods ? r with { Consequence = Consequence.InPlace, Explanation = "running pods are resized" } : r)] };
            podReasons = [];
        }

        if (podReasons.Length > 0)
        {
            foreach (var pod in pods)
            {
                // The mark is written before the template, so that nothing is forgotten when the operator ends in between.
                if (!pod.IsMarked && hold is null) changes.Add(PodMarks.Mark(context, pod, podReasons));
                outdated[pod.Name] = podReasons;
            }

            if (hold is not null)
            {
                pending.Add(hold.Hold(ConvergencePlanner.Change(desired, current, new ObjectComparison
                {
                    Reasons = [.. comparison.Reasons.Where(IsOfTemplate)],
                    Patch = new JsonObject { ["spec"] = new JsonObject { ["template"] = comparison.Patch.At("spec", "template")?.DeepClone() } },
                })));
                desired = desired with { Body = With(desired.Body, "template", current.At("spec", "template")?.DeepClone()) };
                comparison = ConvergencePlanner.Compare(context, desired, current);
            }
        }

        if (!comparison.AreEqual)
        {
            var change = ConvergencePlanner.Change(desired, current, comparison);
            changes.Add(change with { Disruption = expected < present ? (expected == 0 ? Disruption.Downtime : Disruption.PodRecreation) : Disruption.None });
        }

        var members = MemberFacts.Of(desired.Body);
        if (podReasons.Length == 0)
        {
            AddForgottenPods(context, members, pods, outdated, hold, changes);
            AddHomelessPods(current, pods, outdated);
            Annotate(context, members, comparison, pods, outdated, changes);
            if (!resizes) PodResize.Plan(context, members.Resources, pods, outdated, hold, changes, pending);
        }

        // Pods that scaling in removes are not made again before.
        var staying = expected < present ? pods.Where(p => p.Ordinal < expected).ToArray() : pods;
        PodRoll.Plan(context, staying, outdated, Math.Min(expected, present), hold, changes, pending);
        return comparison.AreEqual && podReasons.Length == 0 && !resizes && expected == wanted;
    }

    /// <summary>Adds what has to be done with the pods of a StatefulSet that is as desired.</summary>
    public static void PlanMembers(ClusterContext context, MemberFacts members, RestartHold? hold, List<PlannedChange> changes, List<PendingChange> pending)
    {
        var pods = DatabasePod.List(context);
        var outdated = Marked(context, pods);
        AddForgottenPods(context, members, pods, outdated, hold, changes);
        AddHomelessPods(context.Observed.Find(KubernetesKinds.StatefulSet, context.Namespace, context.Name), pods, outdated);
        Annotate(context, members, ObjectComparison.Equal, pods, outdated, changes);
        PodResize.Plan(context, members.Resources, pods, outdated, hold, changes, pending);
        PodRoll.Plan(context, pods, outdated, members.Replicas, hold, changes, pending);
    }

    private static SortedDictionary<string, IReadOnlyList<ChangeReason>> Marked(ClusterContext context, IReadOnlyList<DatabasePod> pods)
    {
        var secrets = StartedPasswords.OfDatabasePods(context);
        var marked = new SortedDictionary<string, IReadOnlyList<ChangeReason>>(StringComparer.Ordinal);
        foreach (var pod in pods)
        {
            if (pod.IsMarked) marked[pod.Name] = [MarkReason(pod)];
            else if (StartedPasswords.WhyOutdated(context, pod.Source, secrets) is { } reason) marked[pod.Name] = [reason];
        }

        return marked;
    }

    private static ChangeReason MarkReason(DatabasePod pod) => new()
    {
        FieldPath = $"metadata.annotations[{DatabasePod.RecreateAnnotation}]",
        Old = "true",
        Consequence = Consequence.RecreatePods,
        RequestedBy = Requester.Operator,
        Explanation = pod.MarkCause is { Length: > 0 } cause ? cause : "the pod is marked to be made again",
    };

    private static bool IsOfTemplate(ChangeReason reason) => reason.FieldPath.StartsWith("spec.template.", StringComparison.Ordinal);

    private static JsonObject With(JsonObject body, string field, JsonNode? value)
    {
        var copy = (JsonObject)body.DeepClone();
        copy["spec"]![field] = value;
        return copy;
    }

    // Pods that still run another image: from a time when images were lazy, or from a roll that was cut short.
    private static void AddForgottenPods(
        ClusterContext context,
        MemberFacts members,
        IReadOnlyList<DatabasePod> pods,
        SortedDictionary<string, IReadOnlyList<ChangeReason>> outdated,
        RestartHold? hold,
        List<PlannedChange> changes)
    {
        if (context.Settings.EnableLazySpiloUpgrade || outdated.Count > 0) return;
        foreach (var pod in pods)
        {
            if (pod.PostgresImage is null || pod.PostgresImage == members.Image) continue;
            ChangeReason[] reasons =
            [
                new ChangeReason
                {
                    FieldPath = $"spec.containers[{ContainerResources.PostgresContainer}].image",
                    Old = pod.PostgresImage,
                    New = members.Image,
                    Consequence = Consequence.RecreatePods,
                    RequestedBy = Requester.ClusterState,
                    Explanation = "the pod still runs the former image",
                },
            ];
            if (hold is null) changes.Add(PodMarks.Mark(context, pod, reasons));
            outdated[pod.Name] = reasons;
        }
    }

    // What a template changes without a restart (tolerations, for one) may be what a pod without a node lacks, and nobody is interrupted when it is made again.
    private static void AddHomelessPods(JsonObject? set, IReadOnlyList<DatabasePod> pods, SortedDictionary<string, IReadOnlyList<ChangeReason>> outdated)
    {
        if (set.Text("status", "updateRevision") is not { Length: > 0 } revision || set.Int("status", "observedGeneration") != set.Int("metadata", "generation")) return;
        foreach (var pod in pods)
        {
            if (pod.NodeName is { Length: > 0 } || pod.IsDeleting || !pod.IsUnschedulable || outdated.ContainsKey(pod.Name)) continue;
            if (pod.Source.Text("metadata", "labels", "controller-revision-hash") is not { } made || made == revision) continue;
            outdated[pod.Name] =
            [
                new ChangeReason
                {
                    FieldPath = "metadata.labels[controller-revision-hash]",
                    Old = made,
                    New = revision,
                    Consequence = Consequence.RecreatePods,
                    RequestedBy = Requester.ClusterState,
                    Explanation = $"the pod finds no node and was made from a former template{(pod.FailureMessage is { Length: > 0 } words ? $": {words}" : "")}",
                },
            ];
        }
    }

    private static void Annotate(
        ClusterContext context,
        MemberFacts members,
        ObjectComparison comparison,
        IReadOnlyList<DatabasePod> pods,
        SortedDictionary<string, IReadOnlyList<ChangeReason>> outdated,
        List<PlannedChange> changes)
    {
        const string prefix = "spec.template.metadata.annotations[";
        var removed = comparison.Reasons.Where(r => r.New is null && r.FieldPath.StartsWith(prefix, StringComparison.Ordinal))
            .Select(r => r.FieldPath[prefix.Length..^1])
            // With a role of the service account the former role of the pods keeps working until they are made again.
            .Where(k => k != "iam.amazonaws.com/role" || context.Settings.AwsOrGcp.IrsaRoleArn.Length == 0).ToArray();
        foreach (var pod in pods)
        {
            if (outdated.ContainsKey(pod.Name) || PodMarks.Annotate(context, pod, members.Annotations, removed) is not { } patch) continue;
            // Told with the words of the template, which knows who asked.
            var told = patch.Reasons.Select(r => r with { RequestedBy = comparison.Reasons.FirstOrDefault(c => c.FieldPath == "spec.template." + r.FieldPath)?.RequestedBy ?? Requester.ClusterState });
            changes.Add(patch with { Reasons = [.. told] });
        }
    }
}
