using System.Globalization;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning.Clusters;
using Zalando.Postgres.Sdk.Planning.Json;
using Zalando.Postgres.Sdk.Planning.Pods;
using Zalando.Postgres.Sdk.Planning.Roles;
using Zalando.Postgres.Sdk.Planning.Services;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Planning.Pooler;

/// <summary>Brings changed passwords and user lists to the pods of poolers, which read them only when they start: one pod after the other, each when all are ready.</summary>
internal static class PoolerPodPlanner
{
    private const string UserList = "userlist.txt";

    /// <summary>Notes the time in the Secret with the list of users, in the very patch that changes the list, so that older pods are found however the operator ends.</summary>
    public static void NoteChange(ClusterContext context, DesiredObject desired, PlannedChange change)
    {
        if (desired.Kind != KubernetesKinds.Secret || change is not PatchObject { Patch: { } patch } || patch.Object("data")?.ContainsKey(UserList) != true) return;
        if (patch["metadata"] is not JsonObject metadata) patch["metadata"] = metadata = [];
        if (metadata["annotations"] is not JsonObject annotations) metadata["annotations"] = annotations = [];
        annotations[RoleSecret.ChangedAnnotation] = context.Input.Now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
    }

    public static void Plan(ClusterContext context, List<PlannedChange> changes, List<PendingChange> pending)
    {
        if (PoolerNames.ForPrimary(context)) Plan(context, ClusterRoles.Primary, changes, pending);
        if (PoolerNames.ForReplica(context)) Plan(context, ClusterRoles.Replica, changes, pending);
    }

    private static void Plan(ClusterContext context, string role, List<PlannedChange> changes, List<PendingChange> pending)
    {
        var name = PoolerNames.Name(context, role);
        string[] secrets = [context.SecretName(PoolerNames.User(context)), PoolerNames.AuthenticationSecret(context, role)];
        var pods = context.Observed.List(KubernetesKinds.Pod, context.Namespace)
            .Where(p => p.Text("metadata", "labels", PoolerNames.PoolerLabel) == name && p.Text("metadata", "labels", context.Settings.Kubernetes.ClusterNameLabel) == context.Name).ToArray();
        var outdated = pods.Where(p => p.At("metadata", "deletionTimestamp") is null).Select(p => (Pod: p, Reason: StartedPasswords.WhyOutdated(context, p, secrets)))
            .Where(p => p.Reason is not null).ToArray();
        if (outdated.Length == 0) return;
        // One that is not ready serves nobody, so it may go at once; of those that serve, one at a time.
        var next = outdated.Where(p => !IsReady(p.Pod)).ToList();
        var wanted = Math.Max(1, context.Observed.Find(KubernetesKinds.Deployment, context.Namespace, name).Int("spec", "replicas") ?? 1);
        if (next.Count == 0 && pods.Count(IsReady) >= Math.Min(wanted, pods.Length) && pods.Length >= wanted && pods.All(p => p.At("metadata", "deletionTimestamp") is null)) next.Add(outdated[0]);
        foreach (var (pod, reason) in outdated)
        {
            var change = new RecreatePod
            {
                Target = ChangeTarget.Of(KubernetesKinds.Pod, context.Namespace, pod.Text("metadata", "name")!),
                Uid = pod.Text("metadata", "uid"),
                Stage = ChangeStage.Pooler,
                Disruption = Disruption.PoolerRestart,
                Reasons = [reason!],
            };
            if (next.Any(n => ReferenceEquals(n.Pod, pod))) changes.Add(change);
            else pending.Add(new() { Change = change, WaitsFor = WaitReason.PodReady, Explanation = $"the pods of the pooler {name} are made again one after the other" });
        }
    }

    private static bool IsReady(JsonObject pod) => pod.Items("status", "conditions").Any(c => c.Text("type") == "Ready" && c.Text("status") == "True");
}
