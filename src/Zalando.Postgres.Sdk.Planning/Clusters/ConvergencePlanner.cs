using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning.Access;
using Zalando.Postgres.Sdk.Planning.Databases;
using Zalando.Postgres.Sdk.Planning.Holds;
using Zalando.Postgres.Sdk.Planning.Json;
using Zalando.Postgres.Sdk.Planning.Patronis;
using Zalando.Postgres.Sdk.Planning.Restarts;
using Zalando.Postgres.Sdk.Planning.Pods;
using Zalando.Postgres.Sdk.Planning.Pooler;
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
        var changes = new List<PlannedChange>();
        var pending = new List<PendingChange>();
        if (context.Input.Memory?.Settled is { } known && known.Holds(context))
        {
            context.AddRange(known.Findings);
            FinalizerPlanner.Plan(context, changes);
            var hold = RestartHold.Of(context, () => Desired(new ClusterContext(context.Input)));
            StatefulSetPlanner.PlanMembers(context, known.Members, hold, changes, pending);
            return Finish(context, known.Keys, hold, changes, pending);
        }

        context.Observed.StartNoting();
        var desired = Desired(context);
        if (context.IsRefused) return new Plan { Cluster = context.Key, Findings = context.Findings };
        return PlanObjects(context, desired, changes, pending);
    }

    private static Plan PlanObjects(ClusterContext context, IReadOnlyList<DesiredObject> desired, List<PlannedChange> changes, List<PendingChange> pending)
    {
        IReadOnlyList<Finding> findings = [.. context.Findings];
        var hold = RestartHold.Of(context, () => desired);
        context.RestartsAreHeld = hold is not null;
        foreach (var item in desired)
        {
            if (item.Kind.Equals(KubernetesKinds.StatefulSet)) continue;
            if (StreamPlanner.WaitsFor(context, item) is { } wait) pending.Add(wait);
            else Plan(context, item, hold, changes, pending);
        }

        var set = desired.Single(d => d.Kind.Equals(KubernetesKinds.StatefulSet));
        var isNew = context.Observed.Find(set.Key) is null && context.Observed.Patroni is null;
        var reads = context.Observed.StopNoting();
        var isSettled = changes.Count == 0 && pending.Count == 0;
        isSettled &= StatefulSetPlanner.Plan(context, set, hold, changes, pending);
        FinalizerPlanner.Plan(context, changes);
        if (isNew) PatroniPlanner.NoteNew(context, changes);
        var keys = desired.Select(d => d.Key).ToHashSet();
        if (context.Input.Memory is { } memory)
            memory.Settled = isSettled && reads is not null && context.Input.Filters.Count == 0 ? new SettledCluster(context, reads, keys, MemberFacts.Of(set.Body), findings) : null;
        return Finish(context, keys, hold, changes, pending);
    }

    // What is looked at in every pass, because it changes without the operator.
    private static Plan Finish(ClusterContext context, IReadOnlySet<ObjectKey> desired, RestartHold? hold, List<PlannedChange> changes, List<PendingChange> pending)
    {
        PoolerPodPlanner.Plan(context, changes, pending);
        VolumePlanner.Plan(context, changes, pending);
        ClaimPlanner.Plan(context, changes);
        PatroniObjectPlanner.Plan(context, changes);
        PatroniPlanner.Plan(context, hold, changes, pending);
        NodeDeparture.Plan(context, changes, pending);
        RequestedSwitchover.Plan(context, changes, pending);
        UpgradePlanner.Plan(context, hold, changes, pending);
        SurplusPlanner.Plan(context, desired, changes);
        var databases = DatabasePlanner.Plan(new()
        {
            Manifest = context.Manifest, Settings = context.Settings, Observed = context.Input.Observed, Roles = context.Input.Roles, Now = context.Input.Now,
        });
        changes.AddRange(databases.Changes);
        if (databases.Slots is { } slots) changes.Add(slots);
        pending.AddRange(databases.Pending);
        AddPendingVersion(context, pending);
        Holding.Apply(context, changes, pending);
        return new Plan
        {
            Cluster = context.Key,
            Changes = changes.Count < 2 ? changes : [.. changes.Select((change, index) => (change, index)).OrderBy(c => c.change.Stage).ThenBy(c => c.index).Select(c => c.change)],
            Pending = pending,
            Findings = [.. context.Findings, .. RepeatedFindings.Without(databases.Findings, context.Findings)],
        };
    }

    private static IReadOnlyList<DesiredObject> Desired(ClusterContext context) => DesiredCluster.Build(context);

    private static void Plan(ClusterContext context, DesiredObject desired, RestartHold? hold, List<PlannedChange> changes, List<PendingChange> pending)
    {
        if (context.Observed.Find(desired.Key) is not { } current)
        {
            changes.Add(Create(context, desired));
            return;
        }

        // Shared by all clusters of the namespace and possibly adapted by its owner: only the cloud role is kept up to date.
        if (desired.Kind.Equals(KubernetesKinds.RoleBinding)) return;
        if (desired.Kind.Equals(KubernetesKinds.ServiceAccount))
        {
            CloudRolePlanner.Plan(context, current, changes);
            return;
        }

        // Its owner keeps it, with the password that the role gets.
        if (desired.Kind.Equals(KubernetesKinds.Secret) && Roles.RoleSecret.IsForeign(current)) return;
        var comparison = Compare(context, desired, current);
        if (comparison.AreEqual) return;
        var change = Change(desired, current, comparison);
        PoolerPodPlanner.NoteChange(context, desired, change);
        if (hold is not null && comparison.Consequence == Consequence.RestartPooler) pending.Add(hold.Hold(change));
        else changes.Add(change);
    }

    public static CreateObject Create(ClusterContext context, DesiredObject desired) => new()
    {
        Target = ChangeTarget.Of(desired.Kind, desired.Namespace, desired.Name),
        Kind = desired.Kind,
        Body = desired.Body,
        Stage = desired.Stage,
        Reasons = [IsMissing(context, desired)
            ? new ChangeReason { Explanation = $"it is missing: {desired.Purpose}", RequestedBy = Requester.ClusterState }
            : new ChangeReason { Explanation = desired.Purpose, RequestedBy = desired.RequestedBy }],
    };

    // Every cluster has it, and this one exists: somebody has deleted it.
    private static bool IsMissing(ClusterContext context, DesiredObject desired) =>
        desired.RequestedBy == Requester.Operator && desired.Kind.Kind is "Service" or "StatefulSet" or "PodDisruptionBudget"
        && context.Observed.Find(KubernetesKinds.StatefulSet, context.Namespace, context.Name) is not null;

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

    public static ObjectComparison Compare(ClusterContext context, DesiredObject desired, JsonObject current)
    {
        var body = desired.Kind.Equals(KubernetesKinds.Secret) ? SecretBody.ForComparison(context, desired.Body, current) : (JsonObject)desired.Body.DeepClone();
        KubernetesDefaults.Apply(desired.Kind, body);
        var comparison = ObjectDiff.CompareWithNormalized(desired.Kind, current, body, Options(context, desired.Kind, current));
        return comparison.AreEqual ? comparison : comparison with { Reasons = [.. context.Attribution.Of(desired, comparison.Reasons).Select(PoolerCertificate.Explained)] };
    }

    private static ObjectDiffOptions Options(ClusterContext context, KubernetesKind kind, JsonObject current)
    {
        var kubernetes = context.Settings.Kubernetes;
        var annotations = new List<string>(kubernetes.InheritedAnnotations);
        switch (kind.Kind)
        {
            case "StatefulSet" or "Deployment" or "FabricEventStream":
                annotations.AddRange((current.Object("metadata", "annotations") ?? []).Select(a => a.Key).Where(context.IsDownscalerKey));
                if (kind.Kind == "Deployment") annotations.Add(PoolerCertificate.Annotation);
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
        if (wanted == given || UpgradePlanner.Applies(context)) return;
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
            Explanation = opening is { } at ? $"PostgreSQL {wanted} waits for the maintenance window at {Holding.Utc(at)}" : $"PostgreSQL {wanted} waits for a maintenance window, and none ever opens",
            Until = opening,
        });
    }
}
