using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning.Access;
using Zalando.Postgres.Sdk.Planning.Json;
using Zalando.Postgres.Sdk.Planning.Patronis;
using Zalando.Postgres.Sdk.Planning.Pods;
using Zalando.Postgres.Sdk.Planning.Secrets;
using Zalando.Postgres.Sdk.Planning.StatefulSets;
using Zalando.Postgres.Sdk.Planning.Streams;
using Zalando.Postgres.Sdk.Planning.Upgrade;
using Zalando.Postgres.Sdk.Planning.Volumes;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Resources.Kubernetes.Defaults;

namespace Zalando.Postgres.Sdk.Planning.Clusters;

/// <summary>Brings a cluster to what is desired.</summary>
internal static class ConvergencePlanner
{
    public static Plan Plan(ClusterContext context)
    {
        var desired = DesiredCluster.Build(context);
        if (context.Input.Filters.Count > 0) desired = [.. desired.Select(d => context.Input.Filters.Aggregate(d, (item, filter) => filter(item)))];
        if (context.IsRefused) return new Plan { Cluster = context.Key, Findings = context.Findings };
        var changes = new List<PlannedChange>();
        var pending = new List<PendingChange>();
        FinalizerPlanner.Plan(context, changes);
        foreach (var item in desired)
        {
            if (item.Kind.Equals(KubernetesKinds.StatefulSet)) StatefulSetPlanner.Plan(context, item, changes, pending);
            else if (StreamPlanner.WaitsFor(context, item) is { } wait) pending.Add(wait);
            else Plan(context, item, changes);
        }

        ClaimPlanner.Plan(context, changes);
        PatroniObjectPlanner.Plan(context, changes);
        PatroniPlanner.Plan(context, changes, pending);
        SurplusPlanner.Plan(context, desired, changes);
        AddPendingVersion(context, pending);
        return new Plan
        {
            Cluster = context.Key,
            Changes = [.. changes.Select((change, index) => (change, index)).OrderBy(c => c.change.Stage).ThenBy(c => c.index).Select(c => c.change)],
            Pending = pending,
            Findings = context.Findings,
        };
    }

    private static void Plan(ClusterContext context, DesiredObject desired, List<PlannedChange> changes)
    {
        if (context.Observed.Objects.GetValueOrDefault(desired.Key) is not { } current)
        {
            changes.Add(Create(desired));
            return;
        }

        // Shared by all clusters of the namespace and possibly adapted by its owner: only the cloud role is kept up to date.
        if (desired.Kind.Equals(KubernetesKinds.RoleBinding)) return;
        if (desired.Kind.Equals(KubernetesKinds.ServiceAccount))
        {
            CloudRolePlanner.Plan(context, current, changes);
            return;
        }

        var wanted = desired.Kind.Equals(KubernetesKinds.Secret) ? SecretBody.ForComparison(context, desired.Body, current) : desired.Body;
        var comparison = Compare(context, desired.Kind, current, wanted);
        if (!comparison.AreEqual) changes.Add(Change(desired, current, comparison));
    }

    public static CreateObject Create(DesiredObject desired) => new()
    {
        Target = ChangeTarget.Of(desired.Kind, desired.Namespace, desired.Name),
        Kind = desired.Kind,
        Body = desired.Body,
        Stage = desired.Stage,
        Reasons = [new ChangeReason { Explanation = desired.Purpose, RequestedBy = desired.RequestedBy }],
    };

    public static PlannedChange Change(DesiredObject desired, JsonObject current, ObjectComparison comparison) => comparison.NeedsReplacement
        ? new ReplaceObject
        {
            Target = ChangeTarget.Of(desired.Kind, desired.Namespace, desired.Name),
            Kind = desired.Kind,
            Body = desired.Body,
            Uid = current.Text("metadata", "uid"),
            Stage = desired.Stage,
            Reasons = comparison.Reasons,
            Disruption = DisruptionOf(comparison),
        }
        : new PatchObject
        {
            Target = ChangeTarget.Of(desired.Kind, desired.Namespace, desired.Name),
            Kind = desired.Kind,
            Patch = comparison.Patch,
            Uid = current.Text("metadata", "uid"),
            Stage = desired.Stage,
            Reasons = comparison.Reasons,
            Disruption = DisruptionOf(comparison),
        };

    public static ObjectComparison Compare(ClusterContext context, KubernetesKind kind, JsonObject current, JsonObject desired) => ObjectDiff.CompareNormalized(
        kind, KubernetesDefaults.Normalize(kind, current), KubernetesDefaults.Normalize(kind, desired), Options(context, kind, current));

    private static ObjectDiffOptions Options(ClusterContext context, KubernetesKind kind, JsonObject current)
    {
        var kubernetes = context.Settings.Kubernetes;
        var annotations = new List<string>(kubernetes.InheritedAnnotations);
        switch (kind.Kind)
        {
            case "StatefulSet" or "Deployment" or "FabricEventStream":
                annotations.AddRange((current.Object("metadata", "annotations") ?? []).Select(a => a.Key).Where(context.IsDownscalerKey));
                break;
            case "Service":
                annotations.Add(Services.DnsNames.Annotation);
                annotations.AddRange(context.Settings.LoadBalancer.CustomServiceAnnotations.Keys);
                break;
            case "CronJob":
                annotations.AddRange(kubernetes.CustomPodAnnotations.Keys);
                break;
        }

        return new ObjectDiffOptions
        {
            OwnedLabels = kubernetes.InheritedLabels,
            OwnedAnnotations = annotations,
            IgnoredAnnotations = kubernetes.IgnoredAnnotations,
            OwnsTemplateAnnotations = true,
            LazyImages = context.Settings.EnableLazySpiloUpgrade && kind.Kind == "StatefulSet",
            OwnContainersUseSecret = kind.Kind == "StatefulSet" ? context.SecretName(context.Settings.Users.SuperUserName) : null,
        };
    }

    private static Disruption DisruptionOf(ObjectComparison comparison) => comparison.Consequence switch
    {
        Consequence.RestartPooler => Disruption.PoolerRestart,
        _ => Disruption.None,
    };

    private static void AddPendingVersion(ClusterContext context, List<PendingChange> pending)
    {
        var (wanted, given) = (PostgresVersion.Desired(context), PostgresVersion.ForPods(context));
        if (wanted == given) return;
        var opening = MaintenanceWindows.NextOpening(context);
        pending.Add(new PendingChange
        {
            Change = new PatchObject
            {
                Target = ChangeTarget.Of(KubernetesKinds.StatefulSet, context.Namespace, context.Name),
                Kind = KubernetesKinds.StatefulSet,
                Patch = [],
                Stage = ChangeStage.StatefulSet,
                Disruption = Disruption.Switchover,
                Reversibility = Reversibility.Irreversible,
                Reasons = [new ChangeReason { FieldPath = "spec.postgresql.version", Old = given, New = wanted, Consequence = Consequence.RecreatePods }],
            },
            WaitsFor = WaitReason.MaintenanceWindow,
            Explanation = $"PostgreSQL {wanted} waits for the maintenance window",
            Until = opening,
        });
    }
}
