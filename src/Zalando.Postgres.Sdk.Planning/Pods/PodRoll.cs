using Zalando.Postgres.Sdk.Planning.Clusters;
using Zalando.Postgres.Sdk.Planning.Restarts;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Planning.Pods;

/// <summary>The next step of making pods again: replicas one after the other, then one switchover, then the former primary. A pod that does not come back stops it.</summary>
internal static class PodRoll
{
    /// <summary>Adds the next step and what waits for it.</summary>
    /// <param name="context">The cluster.</param>
    /// <param name="pods">Its pods.</param>
    /// <param name="outdated">Names of the pods that have to be made again, with the reasons.</param>
    /// <param name="expected">Number of pods the StatefulSet should have.</param>
    /// <param name="hold">What holds restarts back; null for nothing.</param>
    /// <param name="changes">Gets at most one change that makes a pod unavailable.</param>
    /// <param name="pending">Gets the rest.</param>
    public static void Plan(
        ClusterContext context,
        IReadOnlyList<DatabasePod> pods,
        IReadOnlyDictionary<string, IReadOnlyList<ChangeReason>> outdated,
        int expected,
        RestartHold? hold,
        List<PlannedChange> changes,
        List<PendingChange> pending)
    {
        var rolling = pods.Where(p => outdated.ContainsKey(p.Name)).ToArray();
        if (rolling.Length == 0) return;
        if (hold is not null)
        {
            foreach (var pod in rolling) pending.Add(hold.Hold(Recreate(pod, pod.IsPrimary && pods.Count == 1 ? Disruption.Downtime : Disruption.PodRecreation)));
            return;
        }

        var primary = pods.FirstOrDefault(p => p.IsPrimary);

        if (Obstacle(context, pods, rolling, expected) is { } obstacle)
        {
            foreach (var pod in rolling) Wait(pod, obstacle.Reason, obstacle.Text, obstacle.Until);
            return;
        }

        // A pod that is down already costs nothing to replace, and may be down because of what is being repaired.
        if (rolling.Where(p => !p.IsReady).OrderBy(p => p.IsPrimary).FirstOrDefault() is { } broken)
        {
            Now(broken, broken.IsPrimary ? Disruption.Downtime : Disruption.PodRecreation);
            foreach (var pod in rolling.Where(p => p != broken)) Wait(pod, WaitReason.EarlierChange, $"{broken.Name} comes first, because it is not ready");
            return;
        }

        if (pods.Count(p => p.IsPrimary) > 1)
        {
            foreach (var pod in rolling) Wait(pod, WaitReason.PatroniState, "more than one pod is labelled as the primary");
            return;
        }

        if (primary is null && pods.Count > 1)
        {
            foreach (var pod in rolling) Wait(pod, WaitReason.PatroniState, "the cluster has no primary at the moment");
            return;
        }

        if (UnhealthyReplica(context, pods, rolling) is { } unhealthy)
        {
            foreach (var pod in rolling) Wait(pod, unhealthy.Reason, unhealthy.Text);
            return;
        }

        var replicas = rolling.Where(p => p != primary).ToArray();
        if (replicas.Length > 0 && !(pods.Count == 1 && primary is null))
        {
            Now(replicas[0], Disruption.PodRecreation);
            foreach (var pod in replicas.Skip(1)) Wait(pod, WaitReason.EarlierChange, $"{replicas[0].Name} comes first: one pod at a time");
            if (primary is not null && outdated.ContainsKey(primary.Name)) Wait(primary, WaitReason.EarlierChange, "replicas come first, then a switchover, then the former primary");
            return;
        }

        var last = primary ?? rolling[0];
        if (pods.Count == 1)
        {
            Now(last, Disruption.Downtime);
            return;
        }

        var choice = SwitchoverCandidate.Choose(context, pods.Where(p => p != last && !outdated.ContainsKey(p.Name) && p.IsReady).Select(p => p.Name));
        if (choice.Candidate is null)
        {
            Wait(last, choice.WaitsFor, choice.Explanation);
            return;
        }

        changes.Add(new Switchover
        {
            Target = new ChangeTarget { Kind = ChangeTarget.PatroniKind, Namespace = context.Namespace, Name = context.Name },
            Leader = last.Name,
            Candidate = choice.Candidate,
            Disruption = Disruption.Switchover,
            Stage = ChangeStage.Pods,
            Reasons = outdated[last.Name],
        });
        Wait(last, WaitReason.EarlierChange, $"the switchover to {choice.Candidate} comes first");

        void Now(DatabasePod pod, Disruption disruption) => changes.Add(Recreate(pod, disruption));

        void Wait(DatabasePod pod, WaitReason reason, string text, DateTimeOffset? until = null) => pending.Add(new PendingChange
        {
            Change = Recreate(pod, pod.IsPrimary && pods.Count == 1 ? Disruption.Downtime : Disruption.PodRecreation),
            WaitsFor = reason,
            Explanation = text,
            Until = until,
        });

        RecreatePod Recreate(DatabasePod pod, Disruption disruption) => new()
        {
            Target = ChangeTarget.Of(KubernetesKinds.Pod, context.Namespace, pod.Name),
            Uid = pod.Uid,
            IsPrimary = pod.IsPrimary,
            Disruption = disruption,
            Stage = ChangeStage.Pods,
            Reasons = outdated[pod.Name],
        };
    }

    private static (WaitReason Reason, string Text, DateTimeOffset? Until)? Obstacle(ClusterContext context, IReadOnlyList<DatabasePod> pods, DatabasePod[] rolling, int expected)
    {
        if (pods.FirstOrDefault(p => p.IsDeleting) is { } deleting) return (WaitReason.PodReady, $"{deleting.Name} is being deleted", null);
        if (pods.FirstOrDefault(p => !p.IsReady && !rolling.Contains(p)) is { } down)
        {
            var words = down.FailureMessage is { Length: > 0 } message ? $": {message}" : "";
            if (down.Failure is { } failure)
                return (WaitReason.FailedCanary, $"{down.Name} was made from the present template and does not start ({failure}{words}); correct the manifest or the configuration, or repair the pod", null);
            var patience = context.Settings.Timeouts.PodLabelWaitTimeout;
            if (down.CreatedAt is { } created && context.Input.Now >= created + patience)
                return (WaitReason.FailedCanary, $"{down.Name} was made from the present template and has not become ready within {patience.TotalMinutes:0.#} min{words}; correct the manifest or the configuration, or repair the pod", null);
            return (WaitReason.PodReady, $"{down.Name} is not ready yet{words}", down.CreatedAt + patience);
        }

        return pods.Count < expected && pods.All(p => p.IsReady) ? (WaitReason.PodReady, $"the StatefulSet has {pods.Count} of {expected} pods", null) : null;
    }

    // The next member is only taken down when those that were made again stream.
    private static (WaitReason Reason, string Text)? UnhealthyReplica(ClusterContext context, IReadOnlyList<DatabasePod> pods, DatabasePod[] rolling)
    {
        if (context.Observed.Patroni is not { } patroni) return null;
        foreach (var pod in pods.Where(p => !p.IsPrimary && !rolling.Contains(p)))
        {
            var member = patroni.Members.FirstOrDefault(m => m.Name == pod.Name);
            if (member is null) return (WaitReason.PatroniState, $"Patroni of {pod.Name} does not answer");
            if (!member.IsRunning) return (WaitReason.PatroniState, $"{pod.Name} is in state \"{member.State}\"");
        }

        return null;
    }
}
