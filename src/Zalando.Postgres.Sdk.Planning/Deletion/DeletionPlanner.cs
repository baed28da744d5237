using System.Globalization;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning.Clusters;
using Zalando.Postgres.Sdk.Planning.DisruptionBudgets;
using Zalando.Postgres.Sdk.Planning.Json;
using Zalando.Postgres.Sdk.Planning.Patronis;
using Zalando.Postgres.Sdk.Planning.Pods;
using Zalando.Postgres.Sdk.Planning.Roles;
using Zalando.Postgres.Sdk.Planning.Secrets;
using Zalando.Postgres.Sdk.Planning.Volumes;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Planning.Deletion;

/// <summary>Takes a cluster down: everything that is its own, found by what exists and not by what the operator remembers.</summary>
internal static class DeletionPlanner
{
    private const string Reason = "the cluster is deleted";
    private const string DateFormat = "yyyy-MM-dd";

    public static Plan Plan(ClusterContext context)
    {
        if (Protection(context) is { } protection) return new Plan { Cluster = context.Key, Findings = [.. context.Findings, protection] };
        var changes = new List<PlannedChange>();
        // Streams that the watch has not told of yet must not outlive their cluster.
        var pending = new List<PendingChange>();
        if (context.Input.Observed.EventStreams == EventStreamKnowledge.NotListed)
        {
            pending.Add(new PendingChange
            {
                Change = new DeleteObject
                {
                    Target = ChangeTarget.Of(FabricEventStream.Descriptor, context.Namespace, context.Name), Kind = FabricEventStream.Descriptor, Stage = ChangeStage.Cleanup,
                    Reasons = [new ChangeReason { Explanation = Reason, RequestedBy = Requester.Manifest }],
                },
                WaitsFor = WaitReason.NotObserved,
                Explanation = $"the objects {FabricEventStream.Descriptor.QualifiedName} could not be listed yet: some may be the cluster's",
            });
        }

        var kubernetes = context.Settings.Kubernetes;
        foreach (var (kind, name, propagation, _) in SurplusPlanner.Candidates(context).Where(c => !c.Kind.Equals(KubernetesKinds.Secret) || c.Name.EndsWith("-u", StringComparison.Ordinal)))
            Add(kind, context.Observed.Find(kind, context.Namespace, name), propagation);
        Add(KubernetesKinds.StatefulSet, context.Observed.Find(KubernetesKinds.StatefulSet, context.Namespace, context.Name), DeletionPropagation.Orphan);
        foreach (var pod in DatabasePod.List(context).Where(p => !p.IsDeleting))
        {
            changes.Add(SurplusPlanner.Delete(context, KubernetesKinds.Pod, pod.Source, DeletionPropagation.Background, ChangeStage.Cleanup, Reason, Requester.Manifest)
                with { Disruption = Disruption.Downtime });
        }

        if (kubernetes.EnablePersistentVolumeClaimDeletion)
            foreach (var claim in ClaimPlanner.List(context)) Add(KubernetesKinds.PersistentVolumeClaim, claim, DeletionPropagation.Background);
        if (kubernetes.EnableSecretsDeletion)
        {
            // The Secret of the role of streams tells that there were some: it goes when nothing of them is left, even where the manifest has none any more.
            var secrets = SecretRoles.Of(context).Where(r => r.Origin != RoleOrigin.Stream).Select(r => (Namespace: r.SecretNamespace!, Name: r.SecretName!));
            if (pending.Count == 0) secrets = secrets.Append((context.Namespace, context.SecretName(DesiredRoles.StreamUser)));
            foreach (var (space, name) in secrets.Distinct()) Add(KubernetesKinds.Secret, context.Observed.Find(KubernetesKinds.Secret, space, name), DeletionPropagation.Background);
        }

        foreach (var budget in new[] { DisruptionBudgetBuilder.Primary(context), DisruptionBudgetBuilder.CriticalOperation(context) })
            Add(KubernetesKinds.PodDisruptionBudget, context.Observed.Find(KubernetesKinds.PodDisruptionBudget, context.Namespace, budget.Metadata.Name!), DeletionPropagation.Background);
        foreach (var name in new[] { context.Name, context.Name + "-repl" })
        {
            if (!context.PatroniUsesConfigMaps) Add(KubernetesKinds.Endpoints, context.Observed.Find(KubernetesKinds.Endpoints, context.Namespace, name), DeletionPropagation.Background);
            Add(KubernetesKinds.Service, context.Observed.Find(KubernetesKinds.Service, context.Namespace, name), DeletionPropagation.Background);
        }

        Add(KubernetesKinds.ConfigMap, context.Observed.Find(KubernetesKinds.ConfigMap, context.Namespace, context.Name + ClusterObjects.HistorySuffix), DeletionPropagation.Background);
        foreach (var (kind, item) in PatroniObjectPlanner.List(context)) Add(kind, item, DeletionPropagation.Background);
        // Running pods bring objects of Patroni back, so the cluster stays until the last pod is gone.
        if (changes.Count == 0 && pending.Count == 0 && DatabasePod.List(context).Count == 0 && context.Manifest.Metadata.DeletionTimestamp is not null
            && (context.Manifest.Metadata.Finalizers?.Contains(FinalizerPlanner.Finalizer, StringComparer.Ordinal) ?? false))
            changes.Add(FinalizerPlanner.Change(context, wanted: false));
        return new Plan { Cluster = context.Key, Changes = changes, Pending = pending, Findings = [.. context.Findings.Where(f => f.Severity != FindingSeverity.Error)] };

        void Add(KubernetesKind kind, JsonObject? item, DeletionPropagation propagation)
        {
            if (item is null || item.At("metadata", "deletionTimestamp") is not null || (kind.Equals(KubernetesKinds.Secret) && Roles.RoleSecret.IsForeign(item))) return;
            changes.Add(SurplusPlanner.Delete(context, kind, item, propagation, ChangeStage.Cleanup, Reason, Requester.Manifest));
        }
    }

    // With owner references the garbage collector deletes the parts, whatever the annotations say; so they are not asked then.
    private static Finding? Protection(ClusterContext context)
    {
        var kubernetes = context.Settings.Kubernetes;
        if (kubernetes.EnableOwnerReferences) return null;
        // A deletion that was allowed when it began stays allowed after midnight.
        var last = DateOnly.FromDateTime(context.Input.Now.UtcDateTime);
        var first = context.Manifest.Metadata.DeletionTimestamp is { } deleted ? DateOnly.FromDateTime(deleted.Value.UtcDateTime) : last;
        var dateKey = kubernetes.DeleteAnnotationDateKey;
        if (dateKey.Length > 0 && !(DateOnly.TryParseExact(context.Manifest.Metadata.Annotations?.GetValueOrDefault(dateKey), DateFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)
            && date >= first && date <= last)) return Unmet(dateKey, last.ToString(DateFormat, CultureInfo.InvariantCulture));
        var nameKey = kubernetes.DeleteAnnotationNameKey;
        return nameKey.Length == 0 || context.HasAnnotation(nameKey, context.Name) ? null : Unmet(nameKey, context.Name);

        static Finding Unmet(string key, string value) => new()
        {
            Severity = FindingSeverity.Warning,
            Code = "DeletionProtected",
            FieldPath = $"metadata.annotations[{key}]",
            Rule = $"The operator configuration protects clusters from deletion: the annotation must be \"{value}\". The objects of the cluster stay.",
        };
    }
}
