using System.Globalization;
using Zalando.Postgres.Sdk.Planning.Clusters;
using Zalando.Postgres.Sdk.Planning.Pods;
using Zalando.Postgres.Sdk.Planning.Restarts;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Planning.Patronis;

/// <summary>Restarts of PostgreSQL that changed parameters need, one member after the other.</summary>
internal static class PatroniRestarts
{
    public static void Plan(ClusterContext context, ObservedPatroni patroni, RestartHold? hold, List<PlannedChange> changes, List<PendingChange> pending)
    {
        // Pods that are made again anyway start with the new values.
        var recreated = changes.OfType<RecreatePod>().Select(c => c.Target.Name)
            .Concat(pending.Select(p => p.Change).OfType<RecreatePod>().Select(c => c.Target.Name)).ToHashSet(StringComparer.Ordinal);
        if (recreated.Count > 0 || changes.Exists(c => c is PatchPatroniConfiguration or Switchover)) return;
        var pods = DatabasePod.List(context);
        var waiting = patroni.Members.Where(m => m.PendingRestart && pods.Any(p => p.Name == m.Name)).ToArray();
        if (waiting.Length == 0) return;
        var obstacle = patroni.Members.FirstOrDefault(m => !m.IsRunning);
        var notReady = pods.FirstOrDefault(p => !p.IsReady || p.IsDeleting);
        // Raised settings first go to the replicas, lowered ones to the primary: a replica that only waits for lowered ones comes after it.
        var ordered = waiting.OrderBy(m => IsLeader(m) ? 1 : LoweredParameters.AreAll(context, m) ? 2 : 0).ThenBy(m => m.Name, StringComparer.Ordinal).ToArray();
        var settled = Settled(context, patroni, pods, changes);
        for (var i = 0; i < ordered.Length; i++)
        {
            var primary = IsLeader(ordered[i]);
            var restart = new RestartPostgres
            {
                Target = ChangeTarget.Of(KubernetesKinds.Pod, context.Namespace, ordered[i].Name),
                IsPrimary = primary,
                Disruption = Disruption.PostgresRestart,
                Stage = ChangeStage.Pods,
                Reasons = [new ChangeReason { Explanation = "changed parameters take effect with a restart of PostgreSQL", Consequence = Consequence.RestartPostgres, RequestedBy = Requester.Manifest }],
            };
            if (hold is not null) pending.Add(hold.Hold(restart));
            else if (obstacle is not null) Wait(restart, WaitReason.PatroniState, $"{obstacle.Name} is in state \"{obstacle.State}\"");
            else if (notReady is not null) Wait(restart, WaitReason.PodReady, $"{notReady.Name} is not ready");
            else if (i > 0) Wait(restart, WaitReason.EarlierChange, $"{ordered[0].Name} comes first");
            else if (settled > context.Input.Now) Wait(restart, WaitReason.Time, "members may not have read the changed settings yet", settled);
            else if (!primary && ordered[i].LagBytes is not 0 && LoweredParameters.AreAll(context, ordered[i]))
                Wait(restart, WaitReason.ReplicaLag, $"{ordered[i].Name} has not received yet that the primary runs with the lower settings");
            else changes.Add(restart);
        }

        void Wait(RestartPostgres change, WaitReason reason, string text, DateTimeOffset? until = null) =>
            pending.Add(new PendingChange { Change = change, WaitsFor = reason, Explanation = text, Until = until });
    }

    // Members read changed settings one after the other, each within a loop. Until then it is not known who has to be restarted first, and a member
    // that reads them while it starts forgets that it has to be restarted.
    public static DateTimeOffset? Settled(ClusterContext context, ObservedPatroni patroni, IReadOnlyList<DatabasePod> pods, List<PlannedChange> changes)
    {
        if (pods.Count < 2 || patroni.Members.FirstOrDefault(IsLeader) is not { } leader || pods.FirstOrDefault(p => p.Name == leader.Name) is not { } pod) return null;
        var hash = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(patroni.Configuration?["postgresql"]?.ToJsonString() ?? "")).AsSpan(0, 6));
        var parts = pod.Settled?.Split('@', 2);
        if (parts is [var known, var time] && known == hash && DateTimeOffset.TryParse(time, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)) return at;
        at = context.Input.Now.AddSeconds((PatroniValue.Whole(patroni.Configuration?["loop_wait"]) ?? 10) + 2);
        changes.Add(PodMarks.Settle(
            context, pod, $"{hash}@{at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)}",
            [new ChangeReason { FieldPath = $"metadata.annotations[{DatabasePod.SettledAnnotation}]", Old = pod.Settled, RequestedBy = Requester.Operator, Explanation = "settings were changed that need restarts" }]));
        return at;
    }

    private static bool IsLeader(ObservedMember member) => member.Role is MemberRole.Primary or MemberRole.StandbyLeader;
}
