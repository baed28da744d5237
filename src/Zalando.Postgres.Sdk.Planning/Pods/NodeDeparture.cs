using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning.Clusters;
using Zalando.Postgres.Sdk.Planning.Holds;
using Zalando.Postgres.Sdk.Planning.Json;
using Zalando.Postgres.Sdk.Planning.Upgrade;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Planning.Pods;

/// <summary>Takes the primary off a node that is taken out of service, so that the drain, which the disruption budget stops at the primary, can go on.</summary>
/// <remarks>Replicas are left to the drain, unless the primary has none to go to: then one is made again elsewhere first.</remarks>
internal static class NodeDeparture
{
    public static void Plan(ClusterContext context, List<PlannedChange> changes, List<PendingChange> pending)
    {
        var pods = DatabasePod.List(context);
        if (pods.FirstOrDefault(p => p.IsPrimary && !p.IsDeleting) is not { } primary || !IsLeaving(context, primary)) return;
        // A roll that is under way moves pods by itself.
        if (changes.Exists(c => c is RecreatePod or Switchover or RestartPostgres) || pending.Exists(p => p.Change is RecreatePod)) return;
        ChangeReason[] reasons =
        [
            new()
            {
                FieldPath = "spec.nodeName", Old = primary.NodeName, RequestedBy = Requester.ClusterState,
                Explanation = $"node {primary.NodeName} is taken out of service and {primary.Name} is the primary",
            },
        ];
        var others = pods.Where(p => p != primary).ToArray();
        if (others.FirstOrDefault(p => p.IsDeleting || !p.IsReady) is { } busy)
        {
            pending.Add(Wait(others.Length == 0 ? Recreate(primary) : To(busy.Name), WaitReason.PodReady, $"{busy.Name} is not ready"));
            return;
        }

        if (others.Length == 0)
        {
            // A replica that is just being made again is worth waiting for: without it the cluster would be down.
            if (StatefulSets.InstanceCount.Of(context) > 1) pending.Add(Wait(Recreate(primary), WaitReason.PodReady, "the replicas do not exist yet"));
            else InWindow(Recreate(primary));
            return;
        }

        var staying = others.Where(p => !IsLeaving(context, p)).ToArray();
        if (staying.Length == 0)
        {
            // Nobody is interrupted by a replica that moves; it need not wait for a window.
            changes.Add(Recreate(others[0]));
            pending.Add(Wait(To(others[0].Name), WaitReason.EarlierChange, $"{others[0].Name} is made again on another node first"));
            return;
        }

        var choice = SwitchoverCandidate.Choose(context, staying.Select(p => p.Name));
        if (choice.Candidate is { } candidate) InWindow(To(candidate));
        else pending.Add(Wait(To(staying[0].Name), choice.WaitsFor, choice.Explanation));

        void InWindow(PlannedChange change)
        {
            if (MaintenanceWindows.IsOpen(context))
            {
                changes.Add(change);
                return;
            }

            var opening = MaintenanceWindows.NextOpening(context);
            pending.Add(Wait(change, WaitReason.MaintenanceWindow, opening is { } at ? $"the primary leaves its node in the maintenance window at {Holding.Utc(at)}" : "the primary leaves its node in a maintenance window, and none ever opens") with { Until = opening });
        }

        static PendingChange Wait(PlannedChange change, WaitReason reason, string text) => new() { Change = change, WaitsFor = reason, Explanation = text };

        Switchover To(string name) => new()
        {
            Target = new ChangeTarget { Kind = ChangeTarget.PatroniKind, Namespace = context.Namespace, Name = context.Name },
            Leader = primary.Name,
            Candidate = name,
            Disruption = Disruption.Switchover,
            Stage = ChangeStage.Pods,
            Reasons = reasons,
        };

        RecreatePod Recreate(DatabasePod pod) => new()
        {
            Target = ChangeTarget.Of(KubernetesKinds.Pod, context.Namespace, pod.Name),
            Uid = pod.Uid,
            IsPrimary = pod.IsPrimary,
            Disruption = pod.IsPrimary ? Disruption.Downtime : Disruption.PodRecreation,
            Stage = ChangeStage.Pods,
            Reasons = reasons,
        };
    }

    /// <summary>A cordon counts, unless the node carries the labels by which the configuration knows usable nodes.</summary>
    private static bool IsLeaving(ClusterContext context, DatabasePod pod)
    {
        if (pod.NodeName is not { Length: > 0 } name || context.Observed.Find(KubernetesKinds.Node, "", name) is not { } node) return false;
        if (node.At("spec", "unschedulable") is not JsonValue flag || !flag.TryGetValue(out bool unschedulable) || !unschedulable) return false;
        if (node.Text("metadata", "labels", "master") == "true") return false;
        var readiness = context.Settings.Kubernetes.NodeReadinessLabel;
        return readiness.Count == 0 || readiness.Any(l => node.Text("metadata", "labels", l.Key) != l.Value);
    }
}
