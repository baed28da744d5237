using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning.Clusters;
using Zalando.Postgres.Sdk.Planning.Json;
using Zalando.Postgres.Sdk.Planning.Pods;
using Zalando.Postgres.Sdk.Planning.Restarts;
using Zalando.Postgres.Sdk.Planning.StatefulSets;
using Zalando.Postgres.Sdk.Planning.Streams;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Planning.Patronis;

/// <summary>Patroni's dynamic configuration, and the restarts that changed parameters need.</summary>
internal static class PatroniPlanner
{
    // Replicas must have at least the primary's value of these: a smaller one goes to the primary first.
    private static readonly HashSet<string> SharedMemoryParameters = new(StringComparer.Ordinal)
    {
        "max_connections", "max_prepared_transactions", "max_locks_per_transaction", "max_worker_processes", "max_wal_senders",
    };

    public static void Plan(ClusterContext context, RestartHold? hold, List<PlannedChange> changes, List<PendingChange> pending)
    {
        if (context.Observed.Patroni is not { } patroni) return;
        // Without any parameter of PostgreSQL Patroni has not initialised the cluster yet.
        if (patroni.Configuration is { } configuration && configuration.Object("postgresql", "parameters") is { Count: > 0 })
        {
            var reasons = new List<ChangeReason>();
            var patch = Patch(context, configuration, reasons, changes, pending);
            ManagedSlots(context, configuration, patch, changes);
            if (ManagedSettings.Note(context, configuration, patch) is { } note) changes.Add(Annotate(context, ClusterAnnotations.ManagedParameters, note.Old, note.New));
            LoweredParameters(context, configuration, patch, patroni, changes);
            if (patch.Count > 0)
            {
                changes.Add(new PatchPatroniConfiguration
                {
                    Target = Target(context),
                    Patch = patch,
                    Reasons = reasons,
                    Disruption = Disruption.Reload,
                    Stage = ChangeStage.Patroni,
                });
            }
        }

        Restart(context, patroni, hold, changes, pending);
    }

    /// <summary>Writes down which settings a new cluster is started with.</summary>
    public static void NoteNew(ClusterContext context, List<PlannedChange> changes)
    {
        if (ManagedSettings.NoteOfNew(context) is { } names) changes.Add(Annotate(context, ClusterAnnotations.ManagedParameters, null, names));
    }

    private static ChangeTarget Target(ClusterContext context) => new() { Kind = ChangeTarget.PatroniKind, Namespace = context.Namespace, Name = context.Name };

    private static JsonObject Patch(ClusterContext context, JsonObject current, List<ChangeReason> reasons, List<PlannedChange> changes, List<PendingChange> pending)
    {
        var patroni = context.Spec.Patroni;
        var patch = new JsonObject();
        Number("ttl", patroni?.Ttl);
        Number("loop_wait", patroni?.LoopWait);
        Number("retry_timeout", patroni?.RetryTimeout);
        Number("maximum_lag_on_failover", patroni?.MaximumLagOnFailover);
        Flag("synchronous_mode", patroni?.SynchronousMode ?? false, false);
        Flag("synchronous_mode_strict", patroni?.SynchronousModeStrict ?? false, false);
        if ((patroni?.SynchronousNodeCount ?? 0) is var count && Long(current["synchronous_node_count"]) is var present && count != (present ?? 0))
            Set("synchronous_node_count", JsonValue.Create(count));
        Flag("failsafe_mode", patroni?.FailsafeMode ?? context.Settings.Patroni.EnablePatroniFailsafeMode, null);
        Slots(context, current, patch, reasons);
        Parameters(context, current, patch, reasons, changes, pending);
        Standby(context, current, patch, reasons);
        return patch;

        void Number(string name, long? value)
        {
            if (value is > 0 && Long(current[name]) != value) Set(name, JsonValue.Create(value.Value));
        }

        void Flag(string name, bool value, bool? whenAbsent)
        {
            var before = current[name] is JsonValue flag && flag.TryGetValue(out bool given) ? given : whenAbsent;
            // A mode such as quorum was set by hand and is more than the manifest can say.
            if (value && current[name] is JsonValue text && text.GetValueKind() == JsonValueKind.String) return;
            if (before != value) Set(name, JsonValue.Create(value));
        }

        void Set(string name, JsonNode value)
        {
            patch[name] = value;
            reasons.Add(new ChangeReason
            {
                FieldPath = $"spec.patroni.{name}",
                Old = Diff.ValueText.Of(current[name]),
                New = Diff.ValueText.Of(value),
                Consequence = Consequence.Reload,
                RequestedBy = name == "failsafe_mode" && patroni?.FailsafeMode is null ? Requester.OperatorConfiguration : Requester.Manifest,
            });
        }
    }

    private static void Parameters(ClusterContext context, JsonObject current, JsonObject patch, List<ChangeReason> reasons, List<PlannedChange> changes, List<PendingChange> pending)
    {
        var present = current.Object("postgresql", "parameters");
        var wanted = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in context.Spec.Postgresql.Parameters ?? new Dictionary<string, string>())
            if (!SpiloConfiguration.IsLocal(name)) wanted[name] = value;
        if (context.Spec.Streams is { Count: > 0 }) wanted["wal_level"] = "logical";
        var changed = new JsonObject();
        foreach (var (name, value) in wanted)
        {
            var before = Text(present?[name]);
            if (before == value) continue;
            changed[name] = value;
            reasons.Add(new ChangeReason { FieldPath = $"spec.postgresql.parameters[{name}]", Old = before, New = value, Consequence = Consequence.Reload });
        }

        ManagedSettings.TakeBack(context, current, patch, changed, reasons);
        HoldLowered(context, current, changed, reasons, changes, pending);
        if (changed.Count > 0) patch["postgresql"] = new JsonObject { ["parameters"] = changed };
    }

    // Before 3.3 Patroni does not say which settings wait for a restart. There settings that must become smaller on the primary first are sent alone,
    // when nothing else waits or may still begin to wait, so that a pending restart means them.
    private static void HoldLowered(ClusterContext context, JsonObject current, JsonObject changed, List<ChangeReason> reasons, List<PlannedChange> changes, List<PendingChange> pending)
    {
        if (context.Observed.Patroni is not { Members.Count: > 1 } patroni || patroni.Members.All(m => NamesPendingSettings(m.PatroniVersion))) return;
        var lowered = Lowered(current, changed).ToArray();
        if (lowered.Length == 0) return;
        DateTimeOffset? settled = null;
        if (lowered.Length == changed.Count && patroni.Members.All(m => m is { IsRunning: true, PendingRestart: false }))
        {
            settled = Settled(context, patroni, DatabasePod.List(context), changes);
            if (settled is null || settled <= context.Input.Now) return;
        }

        foreach (var name in lowered)
        {
            var reason = reasons.First(r => r.FieldPath == $"spec.postgresql.parameters[{name}]");
            reasons.Remove(reason);
            pending.Add(new PendingChange
            {
                Change = new PatchPatroniConfiguration
                {
                    Target = Target(context), Stage = ChangeStage.Patroni, Disruption = Disruption.Reload, Reasons = [reason],
                    Patch = new JsonObject { ["postgresql"] = new JsonObject { ["parameters"] = new JsonObject { [name] = changed[name]?.DeepClone() } } },
                },
                WaitsFor = WaitReason.EarlierChange,
                Explanation = $"{name} becomes smaller after the other settings are in force",
                Until = settled,
            });
            changed.Remove(name);
        }
    }

    private static IEnumerable<string> Lowered(JsonObject current, JsonObject changed)
    {
        var present = current.Object("postgresql", "parameters");
        return changed.Where(c => SharedMemoryParameters.Contains(c.Key) && After(c) < Numeric(Text(present?[c.Key]))).Select(c => c.Key);

        static double After(KeyValuePair<string, JsonNode?> change) => change.Value is null ? ManagedSettings.Default(change.Key) : Numeric(Text(change.Value));
    }

    private static double Numeric(string? text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : double.NaN;

    private static bool NamesPendingSettings(string? version) => version is null || !Version.TryParse(version, out var parsed) || parsed >= new Version(3, 3);

    // The order of restarts is written down before the settings change, for members whose Patroni does not name them.
    private static void LoweredParameters(ClusterContext context, JsonObject current, JsonObject patch, ObservedPatroni patroni, List<PlannedChange> changes)
    {
        var present = context.Manifest.Metadata.Annotations?.GetValueOrDefault(ClusterAnnotations.LoweredParameters);
        var lowered = patch.Object("postgresql", "parameters") is { } changed && patroni.Members.Any(m => !NamesPendingSettings(m.PatroniVersion))
            ? string.Join(',', Lowered(current, changed).Order(StringComparer.Ordinal)) : "";
        if (lowered.Length > 0 && lowered != present) changes.Add(Annotate(context, ClusterAnnotations.LoweredParameters, present, lowered));
        else if (lowered.Length == 0 && present is not null && patch.ContainsKey("postgresql"))
            changes.Add(Annotate(context, ClusterAnnotations.LoweredParameters, present, null));
    }

    // What the operator gave to Patroni is written down before it is given, so that it is taken back when it leaves the manifest, whoever runs then.
    private static void ManagedSlots(ClusterContext context, JsonObject current, JsonObject patch, List<PlannedChange> changes)
    {
        var present = context.Manifest.Metadata.Annotations?.GetValueOrDefault(ClusterAnnotations.ManagedSlots);
        if (present is null && !patch.ContainsKey("slots")) return;
        var wanted = (context.Spec.Patroni?.Slots ?? new Dictionary<string, IReadOnlyDictionary<string, string>?>()).Keys.ToHashSet(StringComparer.Ordinal);
        // A slot that has to go stays on the list until Patroni's configuration no longer has it.
        var kept = Names(present).Where(n => !wanted.Contains(n) && current.Object("slots")?.ContainsKey(n) == true);
        var list = string.Join(',', wanted.Concat(kept).Order(StringComparer.Ordinal));
        if (list == (present ?? "")) return;
        changes.Add(Annotate(context, ClusterAnnotations.ManagedSlots, present, list.Length == 0 ? null : list));
    }

    private static string[] Names(string? list) => list?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];

    private static PatchObject Annotate(ClusterContext context, string annotation, string? old, string? value) => new()
    {
        Target = ChangeTarget.Of(Resources.Postgresql.Descriptor, context.Namespace, context.Name),
        Kind = Resources.Postgresql.Descriptor,
        Patch = new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [annotation] = value } } },
        Uid = context.Manifest.Metadata.Uid,
        Stage = ChangeStage.Manifest,
        Reasons = [new ChangeReason { FieldPath = $"metadata.annotations[{annotation}]", Old = old, New = value, RequestedBy = Requester.Operator }],
    };

    private static void Slots(ClusterContext context, JsonObject current, JsonObject patch, List<ChangeReason> reasons)
    {
        var present = current.Object("slots");
        var changed = new JsonObject();
        var wanted = context.Spec.Patroni?.Slots ?? new Dictionary<string, IReadOnlyDictionary<string, string>?>();
        foreach (var (name, slot) in wanted.OrderBy(s => s.Key, StringComparer.Ordinal))
        {
            var body = new JsonObject((slot ?? new Dictionary<string, string>()).Select(s => KeyValuePair.Create(s.Key, (JsonNode?)JsonValue.Create(s.Value))));
            if (JsonNode.DeepEquals(present?[name], body)) continue;
            reasons.Add(new ChangeReason { FieldPath = $"spec.patroni.slots[{name}]", Old = Diff.ValueText.Of(present?[name]), New = Diff.ValueText.Of(body), Consequence = Consequence.Reload });
            changed[name] = body;
        }

        // Slots that the pods were started with came from the manifest; others were made by somebody else and stay.
        foreach (var name in FormerSlots(context).Concat(Names(context.Manifest.Metadata.Annotations?.GetValueOrDefault(ClusterAnnotations.ManagedSlots))).Distinct(StringComparer.Ordinal))
        {
            if (wanted.ContainsKey(name) || present?[name] is null) continue;
            // A stream took it over: without it the place of the reader would be lost.
            if (context.Spec.Streams?.Any(s => EventStreamBuilder.SlotName(s.Database ?? "", s.ApplicationId ?? "") == name) == true) continue;
            reasons.Add(new ChangeReason { FieldPath = $"spec.patroni.slots[{name}]", Old = Diff.ValueText.Of(present[name]), Consequence = Consequence.Reload });
            changed[name] = null;
        }

        if (changed.Count > 0) patch["slots"] = changed;
    }

    private static IEnumerable<string> FormerSlots(ClusterContext context)
    {
        if (Template(context)?.GetValueOrDefault(SpiloConfiguration.Variable) is not { Length: > 0 } text) return [];
        try
        {
            return JsonNode.Parse(text).Object("bootstrap", "dcs", "slots")?.Select(s => s.Key).ToArray() ?? [];
        }
        catch (JsonException)
        {
            return [];
        }
    }

    // The pods' environment shows what was asked for last. Only a change of that is carried over to Patroni: turning a primary into a follower
    // because Patroni's configuration was changed by hand (a promotion in an emergency) would lose data.
    private static void Standby(ClusterContext context, JsonObject current, JsonObject patch, List<ChangeReason> reasons)
    {
        if (Template(context) is not { } former) return;
        var section = context.Spec.Standby;
        (string Variable, string? Value)[] wanted =
        [
            ("STANDBY_HOST", section?.StandbyHost),
            ("STANDBY_PORT", section?.StandbyHost is { Length: > 0 } ? section.StandbyPort : null),
            ("STANDBY_PRIMARY_SLOT_NAME", section?.StandbyHost is { Length: > 0 } ? section.StandbyPrimarySlotName : null),
            ("STANDBY_WALE_S3_PREFIX", section?.S3WalPath),
            ("STANDBY_WALE_GS_PREFIX", section?.S3WalPath is { Length: > 0 } ? null : section?.GsWalPath),
        ];
        if (context.IsStandby && section is null) return;
        if (wanted.All(w => (former.GetValueOrDefault(w.Variable) ?? "") == (w.Value ?? ""))) return;
        var present = current["standby_cluster"];
        if (section is null)
        {
            if (present is null) return;
            patch["standby_cluster"] = null;
            reasons.Add(new ChangeReason { FieldPath = "spec.standby", Old = Diff.ValueText.Of(present), Consequence = Consequence.Reload, Explanation = "the standby cluster becomes a cluster of its own" });
            return;
        }

        // Without an archive the command would fail for every file that PostgreSQL looks for before it streams.
        var hasArchive = section is { S3WalPath.Length: > 0 } or { GsWalPath.Length: > 0 };
        var desired = new JsonObject
        {
            ["create_replica_methods"] = hasArchive ? new JsonArray("bootstrap_standby_with_wale", "basebackup_fast_xlog") : new JsonArray("basebackup_fast_xlog"),
            ["restore_command"] = hasArchive ? "envdir \"/run/etc/wal-e.d/env-standby\" /scripts/restore_command.sh \"%f\" \"%p\"" : null,
            ["host"] = Given(section.StandbyHost),
            ["port"] = Given(section.StandbyPort),
            ["primary_slot_name"] = Given(section.StandbyPrimarySlotName),
        };
        if (SameMembers(present as JsonObject, desired)) return;
        // Patroni stores what it is given where there was nothing, nulls too, and with a slot named null PostgreSQL does not start any more.
        foreach (var name in desired.Where(d => d.Value is null && (present as JsonObject)?.ContainsKey(d.Key) != true).Select(d => d.Key).ToArray()) desired.Remove(name);
        patch["standby_cluster"] = desired;
        reasons.Add(new ChangeReason { FieldPath = "spec.standby", Old = Diff.ValueText.Of(present), New = Diff.ValueText.Of(desired), Consequence = Consequence.Reload });

        static JsonNode? Given(string? value) => value is { Length: > 0 } ? JsonValue.Create(value) : null;

        static bool SameMembers(JsonObject? present, JsonObject desired) =>
            present is not null && desired.All(d => JsonNode.DeepEquals(present[d.Key], d.Value) || Text(present[d.Key]) == Text(d.Value));
    }

    private static Dictionary<string, string>? Template(ClusterContext context)
    {
        if (context.Observed.Find(KubernetesKinds.StatefulSet, context.Namespace, context.Name) is not { } stored) return null;
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var variable in stored.Items("spec", "template", "spec", "containers").FirstOrDefault(c => c.Text("name") == ContainerResources.PostgresContainer).Items("env"))
            if (variable.Text("name") is { } name) variables[name] = variable.Text("value") ?? "";
        return variables;
    }

    private static void Restart(ClusterContext context, ObservedPatroni patroni, RestartHold? hold, List<PlannedChange> changes, List<PendingChange> pending)
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
        var ordered = waiting.OrderBy(m => IsLeader(m) ? 1 : OnlyLowers(context, m) ? 2 : 0).ThenBy(m => m.Name, StringComparer.Ordinal).ToArray();
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
            else if (!primary && ordered[i].LagBytes is not 0 && OnlyLowers(context, ordered[i]))
                Wait(restart, WaitReason.ReplicaLag, $"{ordered[i].Name} has not received yet that the primary runs with the lower settings");
            else changes.Add(restart);
        }

        void Wait(RestartPostgres change, WaitReason reason, string text, DateTimeOffset? until = null) =>
            pending.Add(new PendingChange { Change = change, WaitsFor = reason, Explanation = text, Until = until });
    }

    // Members read changed settings one after the other, each within a loop. Until then it is not known who has to be restarted first, and a member
    // that reads them while it starts forgets that it has to be restarted.
    private static DateTimeOffset? Settled(ClusterContext context, ObservedPatroni patroni, IReadOnlyList<DatabasePod> pods, List<PlannedChange> changes)
    {
        if (pods.Count < 2 || patroni.Members.FirstOrDefault(IsLeader) is not { } leader || pods.FirstOrDefault(p => p.Name == leader.Name) is not { } pod) return null;
        var hash = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(patroni.Configuration?["postgresql"]?.ToJsonString() ?? "")).AsSpan(0, 6));
        var parts = pod.Settled?.Split('@', 2);
        if (parts is [var known, var time] && known == hash && DateTimeOffset.TryParse(time, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)) return at;
        at = context.Input.Now.AddSeconds((Long(patroni.Configuration?["loop_wait"]) ?? 10) + 2);
        changes.Add(PodMarks.Settle(
            context, pod, $"{hash}@{at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)}",
            [new ChangeReason { FieldPath = $"metadata.annotations[{DatabasePod.SettledAnnotation}]", Old = pod.Settled, RequestedBy = Requester.Operator, Explanation = "settings were changed that need restarts" }]));
        return at;
    }

    private static bool IsLeader(ObservedMember member) => member.Role is MemberRole.Primary or MemberRole.StandbyLeader;

    private static bool OnlyLowers(ClusterContext context, ObservedMember member) => member.PendingRestartReason.Count == 0
        ? context.Manifest.Metadata.Annotations?.ContainsKey(ClusterAnnotations.LoweredParameters) == true
        : member.PendingRestartReason.All(c => SharedMemoryParameters.Contains(c.Key) && Numeric(c.Value.New) < Numeric(c.Value.Old));

    private static long? Long(JsonNode? node) => node is JsonValue value
        ? value.GetValueKind() == JsonValueKind.Number && decimal.TryParse(value.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number == decimal.Truncate(number) && Math.Abs(number) < long.MaxValue
            ? (long)number
            : long.TryParse(value.ToString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var text) ? text : null
        : null;

    // Patroni keeps what it was sent: numbers, flags and texts mean the same to PostgreSQL.
    private static string? Text(JsonNode? node) => node is JsonValue value
        ? value.GetValueKind() switch { JsonValueKind.True => "true", JsonValueKind.False => "false", _ => value.ToString() }
        : node?.ToJsonString();
}
