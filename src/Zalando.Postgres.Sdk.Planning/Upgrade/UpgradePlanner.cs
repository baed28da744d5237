using System.Globalization;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning.Clusters;
using Zalando.Postgres.Sdk.Planning.DisruptionBudgets;
using Zalando.Postgres.Sdk.Planning.Holds;
using Zalando.Postgres.Sdk.Planning.Json;
using Zalando.Postgres.Sdk.Planning.Pods;
using Zalando.Postgres.Sdk.Planning.Restarts;
using Zalando.Postgres.Sdk.Planning.StatefulSets;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Planning.Upgrade;

/// <summary>In-place upgrades to a newer major version. What is under way is an annotation of the manifest, so any operator can go on with it.</summary>
internal static class UpgradePlanner
{
    /// <summary>Marks the label of a critical operation as the upgrade's: Patroni sets the same label for its own operations.</summary>
    public const string LabelOwner = "acid.zalan.do/upgrade-protected";

    // The script of the image refuses to begin with a replica that is further behind.
    private const long MaximumLag = 16 * 1024 * 1024;

    /// <summary>Whether a higher version in the manifest leads to an upgrade in place. Otherwise pods are made again for it, and nothing is upgraded.</summary>
    public static bool Applies(ClusterContext context)
    {
        var settings = context.Settings.MajorVersionUpgrade;
        if (settings.Mode == "off" && !settings.TeamAllowList.Contains(context.Spec.TeamId ?? "", StringComparer.Ordinal)) return false;
        return context.Settings.EnablePgVersionEnvVar && !context.IsStandby && InstanceCount.Of(context) > 0
            && context.Observed.Find(KubernetesKinds.StatefulSet, context.Namespace, context.Name) is not null;
    }

    /// <summary>The major version that the primary runs; null when it was not observed.</summary>
    public static int? Running(ClusterContext context) =>
        context.Observed.Patroni?.Members.FirstOrDefault(m => m.Role == MemberRole.Primary)?.ServerVersion / 10000;

    public static bool IsUnderWay(ClusterContext context) => Under(context) is not null;

    public static void Plan(ClusterContext context, RestartHold? hold, List<PlannedChange> changes, List<PendingChange> pending)
    {
        var pods = DatabasePod.List(context);
        if (Under(context) is { } attempt)
        {
            GoOn(context, attempt, pods, changes, pending);
            return;
        }

        Unprotect(context, pods, changes);
        if (!Applies(context) || !int.TryParse(PostgresVersion.Desired(context), NumberStyles.None, CultureInfo.InvariantCulture, out var wanted)) return;
        if (Running(context) is not { } running)
        {
            // What the pods were told is the best guess, good enough to show what will be.
            if (!int.TryParse(PostgresVersion.Current(context), NumberStyles.None, CultureInfo.InvariantCulture, out var told) || told >= wanted) return;
            var closed = Closed(context);
            pending.Add(closed is { } window
                ? Wait(context, pods, told, wanted, window.Reason, window.Text) with { Until = window.Until }
                : Wait(context, pods, told, wanted, WaitReason.NotObserved, "it is not known which version the primary runs"));
            return;
        }

        if (running >= wanted)
        {
            if (running > wanted && context.Spec.Postgresql.Version == $"{wanted}")
                context.Warn("DowngradeNotPossible", "spec.postgresql.version", $"The cluster runs PostgreSQL {running}; it cannot go back, and keeps it.", $"{wanted}");
            ForgetFailure(context, changes);
            return;
        }

        if (Obstacle(context, pods, changes, pending) is { } obstacle)
        {
            pending.Add(Wait(context, pods, running, wanted, obstacle.Reason, obstacle.Text) with { Until = obstacle.Until });
            return;
        }

        var primary = pods.First(p => p.IsPrimary);
        var name = $"{running}-{wanted}/{primary.Name}/{context.Input.Now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture)}";
        if (hold is not null)
        {
            pending.Add(hold.Hold(Step(context, primary.Name, running, wanted, pods.Count, UpgradeStep.Start, name)));
            return;
        }

        changes.Add(Step(context, primary.Name, running, wanted, pods.Count, UpgradeStep.Check, name));
        changes.Add(Annotate(context, new JsonObject { [ClusterAnnotations.MajorUpgrade] = name }, $"the upgrade from {running} to {wanted} begins"));
        if (Budget(context) is { } budget) changes.Add(budget);
        Protect(context, pods, changes);
        changes.Add(Step(context, primary.Name, running, wanted, pods.Count, UpgradeStep.Start, name));
    }

    // Nothing else may touch the members meanwhile.
    private static void GoOn(ClusterContext context, Attempt attempt, IReadOnlyList<DatabasePod> pods, List<PlannedChange> changes, List<PendingChange> pending)
    {
        for (var i = changes.Count - 1; i >= 0; i--)
        {
            var change = changes[i];
            var disturbs = change is RecreatePod or Switchover or RestartPostgres or PatchPatroniConfiguration
                || (change is PatchObject or ReplaceObject or DeleteObject && change.Target.Kind is "StatefulSet" or "Pod");
            if (!disturbs) continue;
            changes.RemoveAt(i);
            pending.Insert(0, new PendingChange { Change = change, WaitsFor = WaitReason.EarlierChange, Explanation = $"the upgrade to PostgreSQL {attempt.To} comes first" });
        }

        Protect(context, pods, changes);
        changes.Add(Step(context, attempt.Pod, attempt.From, attempt.To, pods.Count, UpgradeStep.Watch, attempt.Name));
    }

    private static (WaitReason Reason, string Text, DateTimeOffset? Until)? Obstacle(ClusterContext context, IReadOnlyList<DatabasePod> pods, List<PlannedChange> changes, List<PendingChange> pending)
    {
        var annotations = context.Manifest.Metadata.Annotations;
        if (annotations?.GetValueOrDefault(ClusterAnnotations.LastMajorUpgradeFailure) is { } failed)
        {
            var why = annotations.GetValueOrDefault(ClusterAnnotations.LastMajorUpgradeMessage);
            return (WaitReason.Approval, $"the last upgrade failed at {failed}{(string.IsNullOrEmpty(why) ? "" : $": {why}")}; remove the annotation {ClusterAnnotations.LastMajorUpgradeFailure} to try again, or take the version back", null);
        }

        if (Closed(context) is { } window) return window;
        if (changes.FirstOrDefault(c => c is RecreatePod or Switchover or RestartPostgres or PatchPatroniConfiguration || c.Target.Kind == "StatefulSet") is { } first)
            return (WaitReason.EarlierChange, $"{PlanText.Describe(first)} comes first", null);
        if (pending.FirstOrDefault(p => p.Change is RecreatePod or RestartPostgres && p.WaitsFor is not (WaitReason.Approval or WaitReason.MaintenanceWindow)) is { } roll)
            return (WaitReason.EarlierChange, $"{PlanText.Describe(roll.Change)} comes first", null);
        var expected = InstanceCount.Of(context);
        if (pods.Count != expected) return (WaitReason.UpgradePrecondition, $"the upgrade needs all members: there are {pods.Count} of {expected}", null);
        if (pods.FirstOrDefault(p => !p.IsReady || p.IsDeleting) is { } busy) return (WaitReason.PodReady, $"{busy.Name} is not ready", null);
        if (pods.All(p => !p.IsPrimary)) return (WaitReason.PatroniState, "the cluster has no primary at the moment", null);
        if (context.Observed.Patroni is not { } patroni) return (WaitReason.NotObserved, "Patroni was not observed", null);
        if (patroni.Paused) return (WaitReason.UpgradePrecondition, "Patroni is paused (its own maintenance mode), and the upgrade pauses it itself", null);
        if (pods.FirstOrDefault(p => p.Source.Text("metadata", "labels", DisruptionBudgetBuilder.CriticalOperationLabel) == "true") is { } critical)
            return (WaitReason.UpgradePrecondition, $"{critical.Name} is in a critical operation of its own; if there is none, remove its label {DisruptionBudgetBuilder.CriticalOperationLabel}", null);
        foreach (var pod in pods)
        {
            var member = patroni.Members.FirstOrDefault(m => m.Name == pod.Name);
            if (member is null) return (WaitReason.PatroniState, $"Patroni of {pod.Name} does not answer", null);
            if (!member.IsRunning) return (WaitReason.PatroniState, $"{pod.Name} is in state \"{member.State}\"", null);
            if (!pod.IsPrimary && member.LagBytes is null or > MaximumLag)
                return (WaitReason.ReplicaLag, member.LagBytes is null ? $"it is not known how far {pod.Name} is behind the primary" : $"{pod.Name} is more than {MaximumLag / 1024 / 1024} MiB behind the primary", null);
        }

        return null;
    }

    private static (WaitReason Reason, string Text, DateTimeOffset? Until)? Closed(ClusterContext context)
    {
        if (MaintenanceWindows.IsOpen(context)) return null;
        var opening = MaintenanceWindows.NextOpening(context);
        return (WaitReason.MaintenanceWindow, opening is { } at ? $"the upgrade waits for the maintenance window at {Holding.Utc(at)}" : "the upgrade waits for a maintenance window, and none ever opens", opening);
    }

    private static UpgradeMajorVersion Step(ClusterContext context, string pod, int from, int to, int members, UpgradeStep step, string attempt) => new()
    {
        Target = ChangeTarget.Of(KubernetesKinds.Pod, context.Namespace, pod),
        From = from,
        To = to,
        Members = members,
        Step = step,
        Attempt = attempt,
        Stage = ChangeStage.Pods,
        Disruption = step == UpgradeStep.Check ? Disruption.None : Disruption.Downtime,
        Reversibility = step == UpgradeStep.Check ? Reversibility.Reversible : Reversibility.Irreversible,
        Reasons = [new ChangeReason { FieldPath = "spec.postgresql.version", Old = $"{from}", New = $"{to}", RequestedBy = context.Spec.Postgresql.Version == $"{to}" ? Requester.Manifest : Requester.OperatorConfiguration }],
    };

    private static PendingChange Wait(ClusterContext context, IReadOnlyList<DatabasePod> pods, int from, int to, WaitReason reason, string text) => new()
    {
        Change = Step(context, pods.FirstOrDefault(p => p.IsPrimary)?.Name ?? context.Name, from, to, pods.Count, UpgradeStep.Start, ""),
        WaitsFor = reason,
        Explanation = text,
    };

    // A drain in the middle of an upgrade would leave a member without its data. But the eviction of a pod that two budgets select
    // is an error which ends the drain, not an answer which makes it wait: so the label is for pods that no other budget of the cluster selects.
    private static void Protect(ClusterContext context, IReadOnlyList<DatabasePod> pods, List<PlannedChange> changes)
    {
        foreach (var pod in pods)
        {
            var wanted = DisruptionBudgetBuilder.SelectsAsPrimary(context, pod) ? null : "true";
            if (IsLabelled(pod) ? wanted is null : wanted is not null) changes.Add(Label(context, pod, wanted));
        }
    }

    private static void Unprotect(ClusterContext context, IReadOnlyList<DatabasePod> pods, List<PlannedChange> changes)
    {
        foreach (var pod in pods)
            if (pod.Source.Text("metadata", "annotations", LabelOwner) is not null || IsLeftOver(context, pod)) changes.Add(Label(context, pod, null));
    }

    // The reference labels the primary, too, and leaves labels behind when it ends in an upgrade. Patroni takes its own away when a member runs.
    private static bool IsLeftOver(ClusterContext context, DatabasePod pod) =>
        IsLabelled(pod) && DisruptionBudgetBuilder.SelectsAsPrimary(context, pod) && context.Observed.Patroni is { Paused: false } patroni
        && patroni.Members.Any(m => m.Name == pod.Name && m.IsRunning);

    private static bool IsLabelled(DatabasePod pod) => pod.Source.Text("metadata", "labels", DisruptionBudgetBuilder.CriticalOperationLabel) == "true";

    // Where one budget keeps a number of all members, it keeps all of them during the upgrade: before the script begins by this change, from then on as desired.
    private static PatchObject? Budget(ClusterContext context)
    {
        var budget = DisruptionBudgetBuilder.Primary(context);
        if (DisruptionBudgetBuilder.DuringUpgrade(context, budget.Spec!.MinAvailable) is not { } least || least == budget.Spec.MinAvailable) return null;
        if (context.Observed.Find(KubernetesKinds.PodDisruptionBudget, context.Namespace, budget.Metadata.Name!) is not { } present) return null;
        return new PatchObject
        {
            Target = ChangeTarget.Of(KubernetesKinds.PodDisruptionBudget, context.Namespace, budget.Metadata.Name!),
            Kind = KubernetesKinds.PodDisruptionBudget,
            Patch = new JsonObject { ["spec"] = new JsonObject { ["minAvailable"] = $"{least}" } },
            Uid = present.Text("metadata", "uid"),
            Stage = ChangeStage.Pods,
            Reasons = [new ChangeReason { FieldPath = "spec.minAvailable", Old = $"{budget.Spec.MinAvailable}", New = $"{least}", RequestedBy = Requester.Operator, Explanation = "no member must be evicted during the upgrade" }],
        };
    }

    private static PatchObject Label(ClusterContext context, DatabasePod pod, string? value) => new()
    {
        Target = ChangeTarget.Of(KubernetesKinds.Pod, context.Namespace, pod.Name),
        Kind = KubernetesKinds.Pod,
        Patch = new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["labels"] = new JsonObject { [DisruptionBudgetBuilder.CriticalOperationLabel] = value }, ["annotations"] = new JsonObject { [LabelOwner] = value },
            },
        },
        Uid = pod.Uid,
        Stage = ChangeStage.Pods,
        Reasons = [new ChangeReason { FieldPath = $"metadata.labels[{DisruptionBudgetBuilder.CriticalOperationLabel}]", New = value, RequestedBy = Requester.Operator, Explanation = value is null ? "no upgrade is under way, or another budget keeps the pod" : "the pod must not be evicted during the upgrade" }],
    };

    private static void ForgetFailure(ClusterContext context, List<PlannedChange> changes)
    {
        var annotations = context.Manifest.Metadata.Annotations;
        if (annotations?.ContainsKey(ClusterAnnotations.LastMajorUpgradeFailure) != true && annotations?.ContainsKey(ClusterAnnotations.LastMajorUpgradeMessage) != true) return;
        changes.Add(Annotate(
            context, new JsonObject { [ClusterAnnotations.LastMajorUpgradeFailure] = null, [ClusterAnnotations.LastMajorUpgradeMessage] = null }, "the cluster runs the version it should"));
    }

    private static PatchObject Annotate(ClusterContext context, JsonObject annotations, string explanation) => new()
    {
        Target = ChangeTarget.Of(Postgresql.Descriptor, context.Namespace, context.Name),
        Kind = Postgresql.Descriptor,
        Patch = new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = annotations } },
        Uid = context.Manifest.Metadata.Uid,
        // After the check, before the script: the stage is that of the steps between which it belongs.
        Stage = ChangeStage.Pods,
        Reasons = [new ChangeReason { RequestedBy = Requester.Operator, Explanation = explanation }],
    };

    private static Attempt? Under(ClusterContext context)
    {
        if (context.Manifest.Metadata.Annotations?.GetValueOrDefault(ClusterAnnotations.MajorUpgrade)?.Split('/') is not [var versions, var pod, _] parts) return null;
        var numbers = versions.Split('-');
        return numbers.Length == 2 && int.TryParse(numbers[0], NumberStyles.None, CultureInfo.InvariantCulture, out var from) && int.TryParse(numbers[1], NumberStyles.None, CultureInfo.InvariantCulture, out var to)
            ? new Attempt(from, to, pod, string.Join('/', parts)) : null;
    }

    private sealed record Attempt(int From, int To, string Pod, string Name);
}
