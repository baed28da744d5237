using Zalando.Postgres.Sdk.Planning.Clusters;
using Zalando.Postgres.Sdk.Planning.Pods;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Planning.StatefulSets;

/// <summary>Scaling in removes the members with the highest numbers; when the primary is one of them, another member takes over first.</summary>
internal static class ScaleIn
{
    /// <summary>Plans the switchover that has to come before members are removed.</summary>
    /// <returns>Whether the number of members must stay for now.</returns>
    public static bool MustWait(ClusterContext context, IReadOnlyList<DatabasePod> pods, int wanted, int present, List<PlannedChange> changes, List<PendingChange> pending)
    {
        // Stopping the whole cluster needs nobody to take over.
        if (wanted == 0 || pods.FirstOrDefault(p => p.IsPrimary) is not { } primary || primary.Ordinal < wanted) return false;
        var reason = new ChangeReason { FieldPath = "spec.replicas", Old = $"{present}", New = $"{wanted}", Explanation = $"{primary.Name} is the primary and would be removed" };
        var choice = SwitchoverCandidate.Choose(context, pods.Where(p => p.Ordinal < wanted && p.IsReady && !p.IsDeleting).Select(p => p.Name));
        if (choice.Candidate is { } candidate)
        {
            changes.Add(new Switchover
            {
                Target = new ChangeTarget { Kind = ChangeTarget.PatroniKind, Namespace = context.Namespace, Name = context.Name },
                Leader = primary.Name,
                Candidate = candidate,
                Disruption = Disruption.Switchover,
                Stage = ChangeStage.Pods,
                Reasons = [reason],
            });
        }

        pending.Add(new PendingChange
        {
            Change = new PatchObject
            {
                Target = ChangeTarget.Of(KubernetesKinds.StatefulSet, context.Namespace, context.Name),
                Kind = KubernetesKinds.StatefulSet,
                Patch = new() { ["spec"] = new System.Text.Json.Nodes.JsonObject { ["replicas"] = wanted } },
                Reasons = [reason],
                Stage = ChangeStage.StatefulSet,
                Disruption = Disruption.PodRecreation,
            },
            WaitsFor = choice.Candidate is null ? choice.WaitsFor : WaitReason.EarlierChange,
            Explanation = choice.Candidate is null ? choice.Explanation : $"the switchover to {choice.Candidate} comes first",
        });
        return true;
    }
}
