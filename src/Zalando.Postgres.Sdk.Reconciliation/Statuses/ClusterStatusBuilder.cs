using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Reconciliation.Execution;
using Zalando.Postgres.Sdk.Reconciliation.Observation;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Reconciliation.Statuses;

/// <summary>Says how a cluster is: the reference's one word, and standard conditions. A function of what is known; messages hold no times and no
/// counters, so that the status of a cluster at rest stays the same text for text.</summary>
public static class ClusterStatusBuilder
{
    private const int LongestMessage = 1024;
    private const int MostPending = 20;
    private const int NewestMajorVersion = 18;
    private static readonly string[] Own = ["Ready", "Progressing", "Degraded", "Paused", "UpgradeAvailable", "BackupHealthy"];

    /// <summary>The status.</summary>
    /// <param name="input">What is known.</param>
    public static PostgresqlStatus Build(StatusInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var members = Members.Of(input);
        var old = input.Manifest.Status;
        var text = TextOf(input, members);
        var generation = input.Manifest.Metadata.Generation;
        return new PostgresqlStatus
        {
            PostgresClusterStatus = text,
            ObservedGeneration = generation,
            NumberOfInstances = members.Existing,
            LabelSelector = members.Selector,
            Conditions =
            [
                .. Foreign(old?.Conditions), Ready(input, members, text), Progressing(input, members, text), Degraded(input, members, text),
                Paused(input), UpgradeAvailable(input), BackupHealthy(input),
            ],
            Pending = input.Plan?.Pending is { Count: > 0 } pending ? [.. pending.Take(MostPending).Select(Waiting)] : null,
            LastRestart = input.LastRestart ?? old?.LastRestart,
            UnknownFields = null,
        };
    }

    private static string TextOf(StatusInput input, Members members)
    {
        var former = input.Manifest.Status?.PostgresClusterStatus ?? "";
        if (input.Plan is { IsRefused: true }) return ClusterStatusText.Invalid;
        var isNew = former is "" or ClusterStatusText.Creating or ClusterStatusText.CreateFailed || (former == ClusterStatusText.Invalid && !members.HasStatefulSet);
        var isEdited = former is ClusterStatusText.Updating or ClusterStatusText.UpdateFailed or ClusterStatusText.Invalid
            || (input.Manifest.Status?.ObservedGeneration is { } seen && input.Manifest.Metadata.Generation is { } now && seen < now);
        if (input.Failure is not null && input.IsLastingFailure)
            return isNew ? ClusterStatusText.CreateFailed : isEdited ? ClusterStatusText.UpdateFailed : ClusterStatusText.SyncFailed;
        var isQuiet = input.Failure is null && input.Plan is { IsEmpty: true } && IsSettled(input);
        if (isNew) return isQuiet && members.AreComplete ? ClusterStatusText.Running : former == ClusterStatusText.CreateFailed && input.Failure is not null ? former : ClusterStatusText.Creating;
        if (isQuiet && (members.AreComplete || former is not (ClusterStatusText.Updating or ClusterStatusText.UpdateFailed))) return ClusterStatusText.Running;
        if (isEdited) return former == ClusterStatusText.UpdateFailed && input.Failure is not null ? former : ClusterStatusText.Updating;
        // Looking after an unchanged manifest shows only in the conditions, as scripts expect.
        return former == ClusterStatusText.SyncFailed && input.Failure is not null ? former : ClusterStatusText.Running;
    }

    // Nobody looks into the databases of a paused cluster, and nothing waits for what is in them.
    private static bool IsSettled(StatusInput input) =>
        ClusterPause.IsPaused(input.Manifest, input.Now, out _) || input.Databases is DatabaseState.UpToDate or DatabaseState.NotManaged && !input.Plan!.Pending.Any(p => IsMoving(p.WaitsFor));

    // What waits for people or for a time is not in motion.
    private static bool IsMoving(WaitReason reason) =>
        reason is WaitReason.PodReady or WaitReason.EarlierChange or WaitReason.ReplicaLag or WaitReason.PatroniState or WaitReason.NotObserved or WaitReason.PodResize;

    private static Condition Ready(StatusInput input, Members members, string text)
    {
        if (members.Wanted == 0 && members.HasStatefulSet) return Make(input, "Ready", false, "Hibernated", "The manifest asks for no members.");
        if (!members.HasStatefulSet && input.Plan is { IsRefused: true } refused) return Make(input, "Ready", false, "Invalid", "The manifest is refused: " + Faults(refused));
        if (!members.HasStatefulSet) return Make(input, "Ready", false, "NotCreated", "The members do not exist yet.");
        if (members.Primary is null) return Make(input, "Ready", false, "NoPrimary", $"No member takes writes; {members.Counted}.");
        if (!members.AreComplete) return Make(input, "Ready", false, "MembersNotReady", $"The primary is {members.Primary}; {members.Counted}{members.Missing}.");
        if (input.Databases is DatabaseState.Unknown && text == ClusterStatusText.Creating)
            return Make(input, "Ready", false, "DatabasesNotReady", "Roles and databases are not created yet.");
        return Make(input, "Ready", true, "AllMembersReady", $"The primary is {members.Primary}; {members.Counted}.");
    }

    private static Condition Progressing(StatusInput input, Members members, string text)
    {
        if (input.Plan is { IsRefused: true }) return Make(input, "Progressing", false, "Refused", "Nothing is done until the manifest is repaired.");
        if (input.Plan is { IsEmpty: false } plan)
        {
            var reason = text switch { ClusterStatusText.Creating => "Creating", ClusterStatusText.Updating => "Updating", _ => "Repairing" };
            return Make(input, "Progressing", true, reason, Listed(plan.Changes.Select(c => $"{Verb(c)} {c.Target}")));
        }

        if (input.Plan?.Pending.Where(p => IsMoving(p.WaitsFor)).ToList() is { Count: > 0 } moving)
            return Make(input, "Progressing", true, "Waiting", Listed(moving.Select(p => p.Explanation)));
        if (members.HasStatefulSet && !members.AreComplete) return Make(input, "Progressing", true, "WaitingForMembers", $"{members.Counted}{members.Missing}.");
        if (input.Plan?.Pending is { Count: > 0 } pending)
            return Make(input, "Progressing", false, pending[0].WaitsFor.ToString(), Listed(pending.Select(p => p.Explanation)));
        return Make(input, "Progressing", false, "UpToDate", "The cluster is as its manifest says.");
    }

    private static Condition Degraded(StatusInput input, Members members, string text)
    {
        if (input.Plan is { IsRefused: true } refused)
            return Make(input, "Degraded", true, "Invalid", Faults(refused));
        if (input.Failure is { } failure) return Make(input, "Degraded", true, input.Databases == DatabaseState.Failed ? "DatabaseFailed" : "OperationFailed", failure);
        if (input.Plan?.Pending.FirstOrDefault(p => p is { Change: UpgradeMajorVersion, WaitsFor: WaitReason.Approval, Approval: null }) is { } upgrade)
            return Make(input, "Degraded", true, "MajorUpgradeFailed", upgrade.Explanation);
        if (input.Plan?.Pending.FirstOrDefault(p => p is { Change: ModifyVolume, WaitsFor: WaitReason.VolumeFailed }) is { } volume)
            return Make(input, "Degraded", true, "VolumeFailed", $"{volume.Change.Target.Name}: {volume.Explanation}");
        if (input.Plan?.Pending.FirstOrDefault(p => p.WaitsFor == WaitReason.FailedCanary) is { } canary) return Make(input, "Degraded", true, "FailedCanary", canary.Explanation);
        if (text is not ClusterStatusText.Creating && members is { HasStatefulSet: true, AreComplete: false })
            return Make(input, "Degraded", true, "MembersNotReady", $"{members.Counted}{members.Missing}.");
        if (input.Trouble is { } trouble) return Make(input, "Degraded", true, "SourceUnanswered", trouble);
        return Make(input, "Degraded", false, "AsExpected", "");
    }

    private static Condition Paused(StatusInput input)
    {
        if (!ClusterPause.IsPaused(input.Manifest, input.Now, out var until)) return Make(input, "Paused", false, "NotPaused", "");
        var end = until is { } at ? $"until {at.UtcDateTime:yyyy-MM-dd HH:mm} UTC" : "until spec.paused is taken back";
        var held = input.Plan?.Pending.Count(p => p.WaitsFor == WaitReason.Paused) ?? 0;
        return Make(input, "Paused", true, "RequestedByOwner", $"Nothing is changed {end}; {(held == 0 ? "nothing waits" : held == 1 ? "1 change waits" : $"{held} changes wait")}.");
    }

    private static Condition UpgradeAvailable(StatusInput input)
    {
        if (input.Plan?.Pending.FirstOrDefault(p => p.Change is UpgradeMajorVersion || p.Change.Reasons.Any(r => r.FieldPath == "spec.postgresql.version")) is { } pending)
            return Make(input, "UpgradeAvailable", true, "UpgradePending", pending.Explanation);
        var version = input.Manifest.Spec.Postgresql.Version;
        return int.TryParse(version, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number) && number < NewestMajorVersion
            ? Make(input, "UpgradeAvailable", true, "NewerMajorVersion", $"PostgreSQL {NewestMajorVersion} can be run; the manifest asks for {version}.")
            : Make(input, "UpgradeAvailable", false, "Newest", "");
    }

    // Until backups are looked at, nobody shall take silence for health. Whoever does look may say so here.
    private static Condition BackupHealthy(StatusInput input) => input.Manifest.Status?.Conditions?.FirstOrDefault(c => c is { Type: "BackupHealthy", Reason: not "NotObserved" }) is { } known ? known : Make(input, "BackupHealthy", "Unknown", "NotObserved", "The operator does not look at backups yet.");

    private static PendingStatus Waiting(PendingChange pending) => new()
    {
        Change = PlanText.Describe(pending.Change), WaitsFor = pending.WaitsFor.ToString(), Message = Short(pending.Explanation), Approval = pending.Approval, Until = pending.Until is { } until ? new Time(until) : null,
    };

    private static string Faults(Plan refused) => Listed(refused.Findings.Where(f => f.Severity == FindingSeverity.Error).Select(static f => f.ToString()));

    internal static string Verb(PlannedChange change) => change switch
    {
        CreateObject => "create",
        DeleteObject => "delete",
        ReplaceObject => "replace",
        RecreatePod => "recreate",
        RestartPostgres => "restart PostgreSQL in",
        Switchover to => $"switch over to {to.Candidate} in",
        ResizePod => "resize",
        ModifyVolume => "modify",
        GrowFileSystem => "grow the file system in",
        UpgradeMajorVersion { Step: UpgradeStep.Check } check => $"check whether PostgreSQL {check.From} can be upgraded to {check.To} in",
        UpgradeMajorVersion upgrade => $"upgrade PostgreSQL {upgrade.From} to {upgrade.To} in",
        _ => "change",
    };

    private static string Listed(IEnumerable<string> items)
    {
        var all = items.ToList();
        var text = string.Join("; ", all.Take(5));
        if (all.Count > 5) text += $"; and {all.Count - 5} more";
        return text;
    }

    private static string Short(string message) => message.Length <= LongestMessage ? message : message[..LongestMessage];

    private static Condition Make(StatusInput input, string type, bool value, string reason, string message) => Make(input, type, value ? "True" : "False", reason, message);

    private static Condition Make(StatusInput input, string type, string status, string reason, string message)
    {
        var old = input.Manifest.Status?.Conditions?.FirstOrDefault(c => c.Type == type);
        return new Condition
        {
            Type = type,
            Status = status,
            Reason = reason,
            Message = Short(message),
            ObservedGeneration = input.Manifest.Metadata.Generation,
            LastTransitionTime = old is { LastTransitionTime: { } since } && old.Status == status ? since : new Time(input.Now),
        };
    }

    private static IEnumerable<Condition> Foreign(IReadOnlyList<Condition>? conditions) =>
        conditions?.Where(c => !Own.Contains(c.Type, StringComparer.Ordinal)) ?? [];

    /// <summary>The members of a cluster as their pods show them.</summary>
    private sealed record Members(bool HasStatefulSet, int Wanted, int Existing, int Ready, string? Primary, IReadOnlyList<string> NotReady, string Selector)
    {
        public bool AreComplete => HasStatefulSet && Ready >= Wanted && Existing == Wanted && (Primary is not null || Wanted == 0);

        public string Counted => $"{Ready} of {Wanted} members are ready";

        public string Missing => NotReady.Count == 0 ? "" : $" ({string.Join(", ", NotReady)})";

        public static Members Of(StatusInput input)
        {
            var key = new ClusterKey(input.Manifest.Metadata.Namespace ?? "default", input.Manifest.Metadata.Name ?? "");
            var settings = input.Settings.Kubernetes;
            var labels = settings.ClusterLabels.Append(new(settings.ClusterNameLabel, key.Name)).OrderBy(l => l.Key, StringComparer.Ordinal).ToList();
            var statefulSet = input.Observed.Find(KubernetesKinds.StatefulSet, key.Namespace, key.Name);
            var wanted = (int?)statefulSet.Child("spec").Number("replicas") ?? input.Manifest.Spec.NumberOfInstances ?? 0;
            var pods = input.Observed.List(KubernetesKinds.Pod, key.Namespace).Where(p => labels.TrueForAll(l => p.Label(l.Key) == l.Value)).ToList();
            var living = pods.Where(p => p.Metadata("deletionTimestamp") is null).ToList();
            var ready = living.Where(p => p.IsReadyPod()).ToList();
            var primary = ready.FirstOrDefault(p => p.Label(settings.PodRoleLabel) == "master")?.Metadata("name");
            var notReady = pods.Except(ready).Select(WhyNotReady).ToList();
            return new Members(statefulSet is not null, wanted, pods.Count, ready.Count, primary, notReady, string.Join(",", labels.Select(l => $"{l.Key}={l.Value}")));
        }

        private static string WhyNotReady(JsonObject pod)
        {
            var name = pod.Metadata("name") ?? "";
            if (pod.Metadata("deletionTimestamp") is not null) return $"{name} is terminating";
            var status = pod.Child("status");
            foreach (var item in status.Items("containerStatuses") ?? [])
            {
                if (item is not JsonObject container) continue;
                var waiting = container.Child("state").Child("waiting");
                if (waiting.Text("reason") is { } reason && reason is not ("ContainerCreating" or "PodInitializing"))
                    return $"{name}: {reason}{(waiting.Text("message") is { } message ? $" ({message})" : "")}";
            }

            foreach (var item in status.Items("conditions") ?? [])
            {
                if (item is JsonObject condition && condition.Text("type") == "PodScheduled" && condition.Text("status") == "False")
                    return $"{name} is not scheduled: {condition.Text("message")}";
            }

            return name;
        }
    }
}
