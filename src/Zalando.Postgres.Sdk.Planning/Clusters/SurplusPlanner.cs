using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning.Backups;
using Zalando.Postgres.Sdk.Planning.Json;
using Zalando.Postgres.Sdk.Planning.Pooler;
using Zalando.Postgres.Sdk.Planning.Services;
using Zalando.Postgres.Sdk.Planning.Streams;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Planning.Clusters;

/// <summary>Objects of a cluster that are no longer wanted. They are found by name and label, so nothing stays behind after a restart of the operator.</summary>
internal static class SurplusPlanner
{
    public static void Plan(ClusterContext context, IReadOnlySet<ObjectKey> wanted, List<PlannedChange> changes)
    {
        foreach (var (kind, name, propagation, stage) in Candidates(context))
        {
            if (wanted.Contains(ObjectKey.Of(kind, context.Namespace, name)) || context.Observed.Find(kind, context.Namespace, name) is not { } item || !BelongsTo(context, item)) continue;
            changes.Add(Delete(context, kind, item, propagation, stage, "the manifest does not ask for it any more", Requester.Manifest));
        }
    }

    /// <summary>Objects that exist only in some clusters.</summary>
    public static IEnumerable<(KubernetesKind Kind, string Name, DeletionPropagation Propagation, ChangeStage Stage)> Candidates(ClusterContext context)
    {
        foreach (var role in new[] { ClusterRoles.Primary, ClusterRoles.Replica })
        {
            yield return (KubernetesKinds.Deployment, PoolerNames.Name(context, role), DeletionPropagation.Foreground, ChangeStage.Pooler);
            yield return (KubernetesKinds.Service, PoolerNames.Name(context, role), DeletionPropagation.Foreground, ChangeStage.Pooler);
            yield return (KubernetesKinds.Secret, PoolerNames.AuthenticationSecret(context, role), DeletionPropagation.Background, ChangeStage.Pooler);
        }

        if (!PoolerNames.IsNeeded(context))
            yield return (KubernetesKinds.Secret, context.SecretName(context.Settings.ConnectionPooler.User), DeletionPropagation.Background, ChangeStage.Pooler);
        yield return (KubernetesKinds.CronJob, LogicalBackupBuilder.Name(context), DeletionPropagation.Background, ChangeStage.Backups);
        foreach (var stream in context.Observed.List(FabricEventStream.Descriptor, context.Namespace).Where(s => EventStreamBuilder.BelongsTo(context, s)))
            yield return (FabricEventStream.Descriptor, stream.Text("metadata", "name")!, DeletionPropagation.Background, ChangeStage.Streams);
    }

    public static DeleteObject Delete(
        ClusterContext context, KubernetesKind kind, JsonObject item, DeletionPropagation propagation, ChangeStage stage, string reason, Requester requester) => new()
        {
            Target = ChangeTarget.Of(kind, item.Text("metadata", "namespace") ?? context.Namespace, item.Text("metadata", "name")!),
            Kind = kind,
            Propagation = propagation,
            Uid = item.Text("metadata", "uid"),
            Stage = stage,
            Reasons = [new ChangeReason { Explanation = reason, RequestedBy = requester }],
            Reversibility = kind.Equals(KubernetesKinds.Secret) || kind.Equals(KubernetesKinds.PersistentVolumeClaim) ? Reversibility.Irreversible : Reversibility.Reversible,
            Disruption = kind.Equals(KubernetesKinds.PersistentVolumeClaim) ? Disruption.DataLoss
                : kind.Equals(KubernetesKinds.Deployment) ? Disruption.PoolerRestart : Disruption.None,
        };

    // An object of the same name that somebody else made is not the operator's to delete.
    private static bool BelongsTo(ClusterContext context, JsonObject item) =>
        item.Text("metadata", "labels", context.Settings.Kubernetes.ClusterNameLabel) == context.Name;
}
