using System.Text.Json;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;

namespace Zalando.Postgres.Sdk.Planning.Tests.Pods;

/// <summary>Which member is restarted, made again or promoted next, and what it waits for.</summary>
public sealed class MemberChangeTests
{
    private static readonly DateTimeOffset Now = new(2026, 7, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("nofailover")]
    [InlineData("timeline")]
    [InlineData("unknown lag")]
    [InlineData("too far behind")]
    [InlineData("not synchronous")]
    [InlineData("starting")]
    public void A_replica_that_patroni_would_refuse_is_no_candidate(string fault)
    {
        var replica = Replica("acid-1");
        var configuration = Dynamic();
        replica = fault switch
        {
            "nofailover" => replica with { IsExcludedFromFailover = true },
            "timeline" => replica with { Timeline = 1 },
            "unknown lag" => replica with { LagBytes = null },
            "too far behind" => replica with { LagBytes = 2_000_000 },
            "starting" => replica with { State = "starting" },
            _ => replica,
        };
        if (fault == "not synchronous") configuration["synchronous_mode"] = true;
        var plan = Plan([Primary("acid-0"), replica], configuration, annotations: (ClusterAnnotations.Switchover, "any"));
        Assert.DoesNotContain(plan.Changes, c => c is Switchover || c.Target.Kind == "postgresql");
        Assert.Contains(plan.Pending, p => p.Change is Switchover);
    }

    [Fact]
    public void In_quorum_mode_every_running_replica_may_take_over()
    {
        var configuration = Dynamic();
        configuration["synchronous_mode"] = "quorum";
        var plan = Plan([Primary("acid-0"), Replica("acid-1")], configuration, annotations: (ClusterAnnotations.Switchover, "acid-1"));
        Assert.Equal("acid-1", Assert.Single(plan.Changes.OfType<Switchover>()).Candidate);
    }

    [Fact]
    public void A_primary_on_a_cordoned_node_goes_to_a_replica_elsewhere()
    {
        var plan = Plan([Primary("acid-0"), Replica("acid-1"), Replica("acid-2")], Dynamic(), nodes: [("acid-0", "old"), ("acid-1", "old"), ("acid-2", "new")], cordoned: ["old"]);
        var switchover = Assert.Single(plan.Changes.OfType<Switchover>());
        Assert.Equal(("acid-0", "acid-2"), (switchover.Leader, switchover.Candidate));
        Assert.Contains("node old", switchover.Reasons[0].Explanation, StringComparison.Ordinal);
        Assert.Empty(plan.Changes.OfType<RecreatePod>());
    }

    [Fact]
    public void A_replica_leaves_the_node_first_when_none_is_elsewhere()
    {
        var plan = Plan([Primary("acid-0"), Replica("acid-1")], Dynamic(), nodes: [("acid-0", "old"), ("acid-1", "old")], cordoned: ["old"]);
        Assert.Equal("acid-1", Assert.Single(plan.Changes.OfType<RecreatePod>()).Target.Name);
        Assert.Contains(plan.Pending, p => p.Change is Switchover && p.WaitsFor == WaitReason.EarlierChange);
    }

    [Fact]
    public void A_single_member_on_a_cordoned_node_is_made_again_so_that_the_drain_is_not_stuck()
    {
        var plan = Plan([Primary("acid-0")], Dynamic(), nodes: [("acid-0", "old")], cordoned: ["old"]);
        var pod = Assert.Single(plan.Changes.OfType<RecreatePod>());
        Assert.Equal(("acid-0", Disruption.Downtime), (pod.Target.Name, pod.Disruption));
    }

    [Fact]
    public void Leaving_a_node_waits_for_the_maintenance_window()
    {
        var plan = Plan(
            [Primary("acid-0"), Replica("acid-1")], Dynamic(), nodes: [("acid-0", "old"), ("acid-1", "new")], cordoned: ["old"], parameters: new OperatorParameters { MaintenanceWindows = ["02:00-03:00"] });
        Assert.Empty(plan.Changes.OfType<Switchover>());
        var pending = Assert.Single(plan.Pending, p => p.Change is Switchover);
        Assert.Equal((WaitReason.MaintenanceWindow, new DateTimeOffset(2026, 7, 2, 2, 0, 0, TimeSpan.Zero)), (pending.WaitsFor, pending.Until!.Value));
        Assert.Contains("2026-07-02 02:00 UTC", pending.Explanation, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cordoned_node_with_the_labels_of_usable_nodes_is_not_left()
    {
        var parameters = new OperatorParameters { Kubernetes = new() { NodeReadinessLabel = new Dictionary<string, string> { ["lifecycle-status"] = "ready" } } };
        var plan = Plan([Primary("acid-0"), Replica("acid-1")], Dynamic(), nodes: [("acid-0", "old"), ("acid-1", "new")], cordoned: ["old"], parameters: parameters, nodeLabels: ("lifecycle-status", "ready"));
        Assert.Empty(plan.Changes.OfType<Switchover>());
    }

    [Fact]
    public void Windows_that_cannot_be_read_never_open()
    {
        var plan = Plan(
            [Primary("acid-0"), Replica("acid-1")], Dynamic(), nodes: [("acid-0", "old"), ("acid-1", "new")], cordoned: ["old"], parameters: new OperatorParameters { MaintenanceWindows = ["at night"] });
        Assert.Contains(plan.Pending, p => p.WaitsFor == WaitReason.MaintenanceWindow && p.Until is null);
    }

    [Fact]
    public void Raised_settings_restart_replicas_before_the_primary()
    {
        var raised = ("max_connections", "100", "200");
        Assert.Equal("acid-1", Next([Waits(Primary("acid-0"), raised), Waits(Replica("acid-1"), raised), Replica("acid-2")]));
        Assert.Equal("acid-0", Next([Waits(Primary("acid-0"), raised), Replica("acid-1"), Replica("acid-2")]));
    }

    [Fact]
    public void Lowered_settings_restart_the_primary_before_replicas()
    {
        var lowered = ("max_connections", "200", "100");
        Assert.Equal("acid-0", Next([Waits(Primary("acid-0"), lowered), Waits(Replica("acid-1"), lowered)]));
        Assert.Equal("acid-1", Next([Primary("acid-0"), Waits(Replica("acid-1"), lowered)]));
    }

    [Fact]
    public void Raised_and_lowered_settings_together_restart_a_replica_twice_at_most_and_never_for_ever()
    {
        var (raised, lowered) = (("max_worker_processes", "8", "16"), ("max_connections", "200", "100"));
        Assert.Equal("acid-1", Next([Waits(Primary("acid-0"), raised, lowered), Waits(Replica("acid-1"), raised, lowered)]));
        // The replica has the raised one and keeps the old value of the lowered one, because the primary still has it.
        Assert.Equal("acid-0", Next([Waits(Primary("acid-0"), raised, lowered), Waits(Replica("acid-1"), lowered)]));
        Assert.Equal("acid-1", Next([Primary("acid-0"), Waits(Replica("acid-1"), lowered)]));
    }

    [Fact]
    public void A_replica_that_has_not_received_the_lower_setting_of_the_primary_is_not_restarted_in_vain()
    {
        var lowered = ("max_connections", "200", "100");
        var plan = Plan([Primary("acid-0"), Waits(Replica("acid-1"), lowered) with { LagBytes = 200 }], Dynamic(), settled: true);
        Assert.Empty(plan.Changes.OfType<RestartPostgres>());
        Assert.Equal(WaitReason.ReplicaLag, Assert.Single(plan.Pending, p => p.Change is RestartPostgres).WaitsFor);
    }

    [Theory]
    [InlineData("acid-0")]
    [InlineData("acid-1")]
    public void No_member_restarts_before_every_member_can_have_read_the_settings(string waiting)
    {
        var raised = ("max_connections", "100", "200");
        var plan = Plan([waiting == "acid-0" ? Waits(Primary("acid-0"), raised) : Primary("acid-0"), waiting == "acid-1" ? Waits(Replica("acid-1"), raised) : Replica("acid-1")], Dynamic());
        Assert.Empty(plan.Changes.OfType<RestartPostgres>());
        var pending = Assert.Single(plan.Pending, p => p.Change is RestartPostgres);
        Assert.Equal((WaitReason.Time, Now.AddSeconds(12)), (pending.WaitsFor, pending.Until!.Value));
        Assert.Contains(plan.Changes, c => c is PatchObject { Kind.Kind: "Pod" } patch && patch.Patch.ToJsonString().Contains("settings-settled", StringComparison.Ordinal));
    }

    [Fact]
    public void An_old_patroni_gets_lowered_settings_alone_and_restarts_the_primary_first()
    {
        ObservedMember[] members = [Primary("acid-0") with { PatroniVersion = "3.0.2" }, Replica("acid-1") with { PatroniVersion = "3.0.2" }];
        var configuration = Dynamic();
        configuration["postgresql"]!["parameters"]!["max_worker_processes"] = "8";
        var both = Plan(members, configuration, settings: new() { ["max_connections"] = "50", ["max_worker_processes"] = "16" });
        Assert.DoesNotContain("max_connections", Assert.Single(both.Changes.OfType<PatchPatroniConfiguration>()).Patch.ToJsonString(), StringComparison.Ordinal);
        Assert.Contains(both.Pending, p => p.Change is PatchPatroniConfiguration);
        configuration["postgresql"]!["parameters"]!["max_worker_processes"] = "16";
        // Whether the raised one needs a restart is not known yet: a restart for it would be taken for one for the lowered one.
        var early = Plan(members, configuration, settings: new() { ["max_connections"] = "50", ["max_worker_processes"] = "16" });
        Assert.Empty(early.Changes.OfType<PatchPatroniConfiguration>());
        Assert.Equal(Now.AddSeconds(12), Assert.Single(early.Pending, p => p.Change is PatchPatroniConfiguration).Until);
        var lowered = Plan(members, configuration, settings: new() { ["max_connections"] = "50", ["max_worker_processes"] = "16" }, settled: true);
        Assert.Contains("max_connections", Assert.Single(lowered.Changes.OfType<PatchPatroniConfiguration>()).Patch.ToJsonString(), StringComparison.Ordinal);
        Assert.Contains(lowered.Changes, c => c.Target.Kind == "postgresql" && c.Reasons[0].FieldPath.Contains(ClusterAnnotations.LoweredParameters, StringComparison.Ordinal));
        var restart = Plan([.. members.Select(m => m with { PendingRestart = true })], Dynamic("50"), settings: new() { ["max_connections"] = "50" }, settled: true, annotations: (ClusterAnnotations.LoweredParameters, "max_connections"));
        Assert.Equal("acid-0", Assert.Single(restart.Changes.OfType<RestartPostgres>()).Target.Name);
    }

    [Fact]
    public void A_slot_that_leaves_the_manifest_is_taken_back_and_foreign_ones_stay()
    {
        var configuration = Dynamic();
        configuration["slots"] = new JsonObject { ["ours"] = new JsonObject { ["type"] = "logical" }, ["theirs"] = new JsonObject { ["type"] = "physical" } };
        var plan = Plan([Primary("acid-0"), Replica("acid-1")], configuration, annotations: (ClusterAnnotations.ManagedSlots, "ours"));
        Assert.Equal("""{"slots":{"ours":null}}""", Slots(plan));
        var gone = Dynamic();
        gone["slots"] = new JsonObject { ["theirs"] = new JsonObject { ["type"] = "physical" } };
        var after = Plan([Primary("acid-0"), Replica("acid-1")], gone, annotations: (ClusterAnnotations.ManagedSlots, "ours"));
        Assert.Null(Slots(after));
        Assert.Contains(after.Changes, c => c is PatchObject { Kind.Kind: "postgresql" } patch && patch.Patch["metadata"]!["annotations"]!.AsObject().ContainsKey(ClusterAnnotations.ManagedSlots));

        static string? Slots(Plan plan) => plan.Changes.OfType<PatchPatroniConfiguration>().Where(p => p.Patch.ContainsKey("slots")).Select(p => new JsonObject { ["slots"] = p.Patch["slots"]!.DeepClone() }.ToJsonString()).SingleOrDefault();
    }

    [Fact]
    public void A_setting_that_leaves_the_manifest_is_taken_back_and_foreign_ones_stay()
    {
        var configuration = Dynamic();
        configuration["ttl"] = 60;
        configuration["retry_timeout"] = 20;
        var parameters = configuration["postgresql"]!["parameters"]!.AsObject();
        (parameters["log_statement"], parameters["work_mem"], parameters["random_page_cost"]) = ("all", "8MB", "1.1");
        (string, string) noted = (ClusterAnnotations.ManagedParameters, "log_statement,patroni.ttl,work_mem");
        var plan = Plan([Primary("acid-0"), Replica("acid-1")], configuration, settings: new() { ["work_mem"] = "8MB" }, annotations: noted);
        var change = Assert.Single(plan.Changes.OfType<PatchPatroniConfiguration>());
        Assert.Equal("""{"ttl":null,"postgresql":{"parameters":{"log_statement":null}}}""", change.Patch.ToJsonString());
        Assert.Equal(["spec.postgresql.parameters[log_statement]", "spec.patroni.ttl"], change.Reasons.Select(r => r.FieldPath));
        Assert.All(change.Reasons, r => Assert.Contains("left the manifest", r.Explanation, StringComparison.Ordinal));
        // Until Patroni has forgotten them the note stays, so that a lost answer loses nothing; then it is shortened.
        Assert.DoesNotContain(plan.Changes, c => c.Target.Kind == "postgresql");
        configuration.Remove("ttl");
        parameters.Remove("log_statement");
        var after = Plan([Primary("acid-0"), Replica("acid-1")], configuration, settings: new() { ["work_mem"] = "8MB" }, annotations: noted);
        Assert.Equal("work_mem", Note(after));
        Assert.Empty(after.Changes.OfType<PatchPatroniConfiguration>());
    }

    [Fact]
    public void Settings_of_a_cluster_that_was_taken_over_are_left_as_they_are_until_they_are_changed()
    {
        var configuration = Dynamic();
        configuration["postgresql"]!["parameters"]!["log_statement"] = "all";
        var untouched = Plan([Primary("acid-0"), Replica("acid-1")], configuration, settings: new() { ["max_connections"] = "100" });
        Assert.DoesNotContain(untouched.Changes, c => c is PatchPatroniConfiguration || c.Target.Kind == "postgresql");
        var changed = Plan([Primary("acid-0"), Replica("acid-1")], configuration, settings: new() { ["max_connections"] = "100", ["work_mem"] = "8MB" });
        Assert.Equal("max_connections,work_mem", Note(changed));
        Assert.Equal("""{"postgresql":{"parameters":{"work_mem":"8MB"}}}""", Assert.Single(changed.Changes.OfType<PatchPatroniConfiguration>()).Patch.ToJsonString());
        Assert.True(changed.Changes.ToList().FindIndex(c => c.Target.Kind == "postgresql") < changed.Changes.ToList().FindIndex(c => c is PatchPatroniConfiguration), "noted before it is sent");
    }

    [Fact]
    public void What_a_new_cluster_is_started_with_is_noted()
    {
        var plan = ClusterPlanner.Plan(new PlanningInput
        {
            Manifest = new Postgresql
            {
                Metadata = new() { Name = "acid-new", Namespace = "default", Uid = "u" },
                Spec = new()
                {
                    TeamId = "acid", NumberOfInstances = 1, Volume = new() { Size = "1Gi" },
                    Postgresql = new() { Version = "17", Parameters = new Dictionary<string, string> { ["work_mem"] = "8MB", ["shared_buffers"] = "1GB" } },
                    Patroni = new() { Ttl = 40 },
                },
            },
            Configuration = new OperatorConfiguration { Form = ConfigurationForm.ConfigMap, Configuration = new OperatorParameters() },
            Observed = ObservedCluster.FromObjects([]),
            Now = Now,
            PasswordSeed = PasswordSeed.FromBytes(new byte[32]),
        });
        // shared_buffers is set in the pods' environment and leaves with it.
        Assert.Equal("patroni.ttl,work_mem", Note(plan));
    }

    [Theory]
    [InlineData("wal_level", "logical")]
    [InlineData("max_replication_slots", "50")]
    [InlineData("max_prepared_transactions", "20")]
    public void A_setting_without_which_PostgreSQL_might_not_start_is_kept_and_said(string name, string value)
    {
        var configuration = Dynamic();
        configuration["postgresql"]!["parameters"]![name] = value;
        var plan = Plan([Primary("acid-0"), Replica("acid-1")], configuration, annotations: (ClusterAnnotations.ManagedParameters, name));
        Assert.Empty(plan.Changes.OfType<PatchPatroniConfiguration>());
        Assert.Contains(plan.Findings, f => f.Code == "ParameterKept" && f.FieldPath == $"spec.postgresql.parameters[{name}]" && f.Value == value);
    }

    [Fact]
    public void A_removed_setting_that_replicas_must_not_have_less_of_goes_to_the_primary_first()
    {
        ObservedMember[] members = [Primary("acid-0") with { PatroniVersion = "3.0.2" }, Replica("acid-1") with { PatroniVersion = "3.0.2" }];
        var plan = Plan(members, Dynamic("300"), settled: true, annotations: (ClusterAnnotations.ManagedParameters, "max_connections"));
        Assert.Contains(plan.Changes, c => c.Target.Kind == "postgresql" && c.Reasons[0].FieldPath.Contains(ClusterAnnotations.LoweredParameters, StringComparison.Ordinal));
        // Patroni's default is 100.
        var raised = Plan(members, Dynamic("50"), annotations: (ClusterAnnotations.ManagedParameters, "max_connections"));
        Assert.DoesNotContain(raised.Changes, c => c.Reasons[0].FieldPath.Contains(ClusterAnnotations.LoweredParameters, StringComparison.Ordinal));
        Assert.Single(raised.Changes.OfType<PatchPatroniConfiguration>());
    }

    [Fact]
    public void A_cluster_that_becomes_a_standby_gets_no_empty_entries_and_no_archive_it_does_not_have()
    {
        var set = new JsonObject
        {
            ["kind"] = "StatefulSet",
            ["metadata"] = new JsonObject { ["name"] = "acid", ["namespace"] = "default", ["uid"] = "s" },
            ["spec"] = new JsonObject { ["replicas"] = 1, ["template"] = new JsonObject { ["spec"] = new JsonObject { ["containers"] = new JsonArray(new JsonObject { ["name"] = "postgres", ["env"] = new JsonArray() }) } } },
        };
        var plan = ClusterPlanner.Plan(new PlanningInput
        {
            Manifest = new Postgresql
            {
                Metadata = new() { Name = "acid", Namespace = "default", Uid = "u" },
                Spec = new()
                {
                    TeamId = "acid", NumberOfInstances = 1, Volume = new() { Size = "1Gi" }, Postgresql = new() { Version = "17" },
                    Standby = new() { StandbyHost = "elsewhere.example.org" },
                },
            },
            Configuration = new OperatorConfiguration { Form = ConfigurationForm.ConfigMap, Configuration = new OperatorParameters() },
            Observed = ObservedCluster.FromObjects([set]) with { Patroni = new ObservedPatroni { Members = [Primary("acid-0")], Configuration = Dynamic() } },
            Now = Now,
            PasswordSeed = PasswordSeed.FromBytes(new byte[32]),
        });
        Assert.Equal(
            """{"create_replica_methods":["basebackup_fast_xlog"],"host":"elsewhere.example.org"}""",
            Assert.Single(plan.Changes.OfType<PatchPatroniConfiguration>()).Patch["standby_cluster"]!.ToJsonString());
    }

    private static string? Note(Plan plan) => plan.Changes.OfType<PatchObject>().Where(p => p.Target.Kind == "postgresql")
        .Select(p => p.Patch["metadata"]!["annotations"]![ClusterAnnotations.ManagedParameters]?.ToString()).SingleOrDefault();

    private static string Next(ObservedMember[] members)
    {
        var plan = Plan(members, Dynamic(), settled: true);
        return Assert.Single(plan.Changes.OfType<RestartPostgres>()).Target.Name;
    }

    private static ObservedMember Primary(string name) => new() { Name = name, Role = MemberRole.Primary, State = "running", LagBytes = 0, Timeline = 2, PatroniVersion = "4.0.4" };

    private static ObservedMember Replica(string name) => new() { Name = name, Role = MemberRole.Replica, State = "streaming", LagBytes = 0, Timeline = 2, PatroniVersion = "4.0.4" };

    private static ObservedMember Waits(ObservedMember member, params (string Name, string Old, string New)[] settings) => member with
    {
        PendingRestart = true,
        PendingRestartReason = settings.ToDictionary(s => s.Name, s => new PendingParameter(s.Old, s.New), StringComparer.Ordinal),
    };

    private static JsonObject Dynamic(string connections = "100") => new()
    {
        ["loop_wait"] = 10, ["failsafe_mode"] = false, ["postgresql"] = new JsonObject { ["parameters"] = new JsonObject { ["max_connections"] = connections } },
    };

    private static Plan Plan(
        ObservedMember[] members, JsonObject dynamic, (string Pod, string Node)[]? nodes = null, string[]? cordoned = null, OperatorParameters? parameters = null,
        (string Key, string Value)? nodeLabels = null, (string Key, string Value)? annotations = null, Dictionary<string, string>? settings = null, bool settled = false)
    {
        var manifest = new JsonObject
        {
            ["apiVersion"] = "acid.zalan.do/v1", ["kind"] = "postgresql",
            ["metadata"] = new JsonObject { ["name"] = "acid", ["namespace"] = "default", ["uid"] = "u", ["generation"] = 1 },
            ["spec"] = new JsonObject
            {
                ["teamId"] = "acid", ["volume"] = new JsonObject { ["size"] = "1Gi" }, ["numberOfInstances"] = members.Length,
                ["postgresql"] = new JsonObject { ["version"] = "17", ["parameters"] = new JsonObject((settings ?? []).Select(s => KeyValuePair.Create(s.Key, (JsonNode?)JsonValue.Create(s.Value)))) },
            },
        };
        if (annotations is { } annotation) manifest["metadata"]!["annotations"] = new JsonObject { [annotation.Key] = annotation.Value };
        var hash = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(dynamic["postgresql"]!.ToJsonString())).AsSpan(0, 6));
        var pods = members.Select(m => new JsonObject
        {
            ["kind"] = "Pod",
            ["metadata"] = new JsonObject
            {
                ["name"] = m.Name, ["namespace"] = "default", ["uid"] = m.Name,
                ["annotations"] = settled ? new JsonObject { ["acid.zalan.do/settings-settled"] = $"{hash}@2026-07-01T11:00:00Z" } : [],
                ["labels"] = new JsonObject { ["application"] = "spilo", ["cluster-name"] = "acid", ["spilo-role"] = m.Role == MemberRole.Primary ? "master" : "replica" },
            },
            ["spec"] = new JsonObject { ["nodeName"] = nodes?.FirstOrDefault(n => n.Pod == m.Name).Node ?? "new" },
            ["status"] = new JsonObject { ["phase"] = "Running", ["conditions"] = new JsonArray(new JsonObject { ["type"] = "Ready", ["status"] = "True" }) },
        });
        var machines = new[] { "old", "new" }.Select(n => new JsonObject
        {
            ["kind"] = "Node",
            ["metadata"] = new JsonObject { ["name"] = n, ["labels"] = nodeLabels is { } label ? new JsonObject { [label.Key] = label.Value } : [] },
            ["spec"] = new JsonObject { ["unschedulable"] = cordoned?.Contains(n, StringComparer.Ordinal) == true },
        });
        return ClusterPlanner.Plan(new PlanningInput
        {
            Manifest = manifest.Deserialize(PostgresJsonContext.Default.Postgresql)!,
            Configuration = new OperatorConfiguration { Form = ConfigurationForm.ConfigMap, Configuration = parameters ?? new OperatorParameters() },
            Observed = ObservedCluster.FromObjects([.. pods, .. machines]) with { Patroni = new ObservedPatroni { Members = members, Configuration = dynamic } },
            Now = Now,
            PasswordSeed = PasswordSeed.FromBytes(new byte[32]),
        });
    }
}
