using System.Text;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning.Json;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Planning.Tests.Simulation;

/// <summary>What holds for every manifest, configuration and observed state.</summary>
public sealed class PlanningInvariantTests
{
    private const string Canary = "canary-7f3a9c-secret";
    private static readonly DateTimeOffset Now = new(2026, 7, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Planning_never_throws_and_always_says_the_same() => Properties.ForScenarios(100, dice =>
    {
        var valid = dice.Chance(60);
        var cluster = new SimulatedCluster(RandomScenario.Existing(), RandomScenario.Manifest(dice, valid), RandomScenario.Configuration(dice), Now);
        if (dice.Chance(70)) cluster.Apply(ClusterPlanner.Plan(cluster.Input()));
        cluster.Manifest = RandomScenario.Manifest(dice, valid);
        var input = cluster.Input() with { Observed = new ObservedCluster { Objects = cluster.Objects } };
        RandomScenario.Damage(dice, cluster);

        var first = PlanJson.Write(ClusterPlanner.Plan(input));

        Assert.Equal(first, PlanJson.Write(ClusterPlanner.Plan(input)));
        Assert.NotNull(ClusterPlanner.PlanDeletion(input));
    });

    [Fact]
    public void An_executed_plan_leaves_nothing_to_do() => Properties.ForScenarios(25, dice =>
    {
        var cluster = new SimulatedCluster(RandomScenario.Existing(), RandomScenario.Manifest(dice, valid: true), RandomScenario.Configuration(dice), Now);
        Assert.True(cluster.Run().Count <= 8);
        for (var edit = 0; edit < 2; edit++)
        {
            cluster.Manifest = Edited(cluster, RandomScenario.Manifest(dice, valid: true));
            cluster.Run();
        }
    });

    [Fact]
    public void At_most_one_pod_is_taken_away_at_a_time_and_the_primary_last_after_one_switchover() => Properties.ForScenarios(25, dice =>
    {
        var cluster = new SimulatedCluster(RandomScenario.Existing(), RandomScenario.Manifest(dice, valid: true), RandomScenario.Configuration(dice), Now);
        cluster.Run();
        var manifest = RandomScenario.Manifest(dice, valid: true);
        manifest["spec"]!["numberOfInstances"] = cluster.Manifest["spec"]!["numberOfInstances"]!.DeepClone();
        cluster.Manifest = Edited(cluster, manifest);
        var before = (cluster.PodRestarts, cluster.Switchovers);
        var pods = cluster.Pods.Count();

        cluster.Run(plan =>
        {
            var taken = plan.Changes.OfType<RecreatePod>().ToArray();
            Assert.True(taken.Length + plan.Changes.OfType<Switchover>().Count() + plan.Changes.OfType<RestartPostgres>().Count() <= 1);
            foreach (var pod in taken.Where(p => p.IsPrimary))
            {
                Assert.Equal(1, pods);
                Assert.DoesNotContain(plan.Pending, p => p.Change is RecreatePod);
            }

            AssertNothingIsLost(plan);
        });

        Assert.True(cluster.Switchovers - before.Switchovers <= 1);
        Assert.True(cluster.PodRestarts - before.PodRestarts <= pods);
    });

    [Fact]
    public void A_pod_that_does_not_come_back_stops_the_roll() => Properties.ForScenarios(15, dice =>
    {
        var manifest = RandomScenario.Manifest(dice, valid: true);
        manifest["spec"]!["numberOfInstances"] = 3;
        manifest["spec"]!["dockerImage"] = "spilo:old";
        var configuration = RandomScenario.Configuration(dice);
        var cluster = new SimulatedCluster(RandomScenario.Existing(), manifest, configuration, Now);
        cluster.Run();
        if (OperatorSettings.From(configuration).EnableLazySpiloUpgrade || !cluster.Pods.Any()) return;
        cluster.Manifest = (JsonObject)cluster.Manifest.DeepClone();
        cluster.Manifest["spec"]!["dockerImage"] = "spilo:broken";
        var first = ClusterPlanner.Plan(cluster.Input());
        cluster.Apply(first);
        var canary = Assert.Single(first.Changes.OfType<RecreatePod>());
        Assert.False(canary.IsPrimary);
        cluster.SetReady(canary.Target.Name, ready: false);

        var next = ClusterPlanner.Plan(cluster.Input());

        Assert.DoesNotContain(next.Changes, c => c is RecreatePod or Switchover or RestartPostgres);
        Assert.Contains(next.Pending, p => p.WaitsFor is WaitReason.PodReady or WaitReason.FailedCanary);
    });

    [Fact]
    public void Without_a_healthy_replica_the_primary_stays() => Properties.ForScenarios(15, dice =>
    {
        var manifest = RandomScenario.Manifest(dice, valid: true);
        manifest["spec"]!["numberOfInstances"] = 2;
        var cluster = new SimulatedCluster(RandomScenario.Existing(), manifest, RandomScenario.Configuration(dice), Now);
        cluster.Run();
        if (!cluster.Pods.Any()) return;
        foreach (var pod in cluster.Pods) pod["metadata"]!["annotations"] = new JsonObject { ["zalando-postgres-operator-rolling-update-required"] = "true" };
        var replica = cluster.Pods.First(p => (string?)p["metadata"]!["labels"]![cluster.RoleLabel] == "replica");
        ((JsonObject)replica["metadata"]!).Remove("annotations");
        var input = cluster.Input();
        var lagging = input.Observed.Patroni! with
        {
            Members = [.. input.Observed.Patroni!.Members.Select(m => m.Role == MemberRole.Primary ? m : m with { LagBytes = long.MaxValue, State = dice.Pick("streaming", "starting", "stopped") })],
        };

        var plan = ClusterPlanner.Plan(input with { Observed = input.Observed with { Patroni = dice.Pick<ObservedPatroni?>(lagging, null) } });

        Assert.DoesNotContain(plan.Changes, c => c is RecreatePod { IsPrimary: true } or Switchover);
        Assert.Contains(plan.Pending, p => p.Change is RecreatePod { IsPrimary: true });
    });

    [Fact]
    public void No_plan_shows_a_secret() => Properties.ForScenarios(25, dice =>
    {
        var manifest = RandomScenario.Manifest(dice, valid: true);
        manifest["spec"]!["enableConnectionPooler"] = true;
        manifest["spec"]!["clone"] = new JsonObject { ["cluster"] = "other", ["timestamp"] = "2026-01-01T00:00:00Z", ["s3_wal_path"] = "s3://x", ["s3_secret_access_key"] = Canary };
        var cluster = new SimulatedCluster(RandomScenario.Existing(), manifest, RandomScenario.Configuration(dice), Now);
        cluster.Run();
        foreach (var (key, item) in cluster.Objects)
            if (key.Kind == "Secret" && item["data"]?["password"] is not null) item["data"]!["password"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(Canary));
        var other = RandomScenario.Manifest(dice, valid: true);
        other["spec"]!["enableConnectionPooler"] = dice.Chance(50);
        if (dice.Chance(50)) other["spec"]!["clone"] = new JsonObject { ["cluster"] = "other", ["timestamp"] = "2026-01-01T00:00:00Z", ["s3_wal_path"] = "s3://x", ["s3_secret_access_key"] = Canary + "2" };
        cluster.Manifest = Edited(cluster, other);

        var plan = ClusterPlanner.Plan(cluster.Input());

        var texts = new[] { PlanText.Write(plan), PlanText.Write(plan, PlanTextStyle.Markdown), string.Join('\n', plan.Changes.SelectMany(c => c.Reasons)), string.Join('\n', plan.Findings) };
        Assert.All(texts, t => Assert.DoesNotContain(Canary, t, StringComparison.Ordinal));
        Assert.All(texts, t => Assert.DoesNotContain(Convert.ToBase64String(Encoding.UTF8.GetBytes(Canary)), t, StringComparison.Ordinal));
    });

    [Fact]
    public void Memory_never_changes_a_plan() => Properties.ForScenarios(30, dice =>
    {
        var cluster = new SimulatedCluster(RandomScenario.Existing(), RandomScenario.Manifest(dice, valid: true), RandomScenario.Configuration(dice), Now) { Memory = new PlanningMemory() };
        for (var edit = 0; edit < 4; edit++)
        {
            for (var pass = 0; pass < 40; pass++)
            {
                var input = cluster.Input();
                var plan = ClusterPlanner.Plan(input);
                if (Words(ClusterPlanner.Plan(input with { Memory = null })) != Words(plan)) throw new Xunit.Sdk.XunitException(PlanText.Write(ClusterPlanner.Plan(input with { Memory = null })) + "=== with memory\n" + PlanText.Write(plan));
                if (plan.IsEmpty)
                {
                    // Now out of memory.
                    Assert.Equal(Words(plan), Words(ClusterPlanner.Plan(input)));
                    break;
                }

                cluster.Apply(plan);
            }

            switch (dice.Next(5))
            {
                case 0: cluster.Manifest = Edited(cluster, RandomScenario.Manifest(dice, valid: dice.Chance(80))); break;
                case 1: cluster.Configuration = RandomScenario.Configuration(dice); break;
                case 2: cluster.Now += TimeSpan.FromHours(dice.Next(48)); break;
                case 3 when cluster.Pods.Any(): cluster.KillPod((string)cluster.Pods.First()["metadata"]!["name"]!); break;
                default: cluster.ChangeByHand(dice); break;
            }
        }
    });

    [Fact]
    public void A_held_cluster_restarts_nothing_until_it_is_approved_and_then_runs_to_the_end() => Properties.ForScenarios(20, dice =>
    {
        var cluster = new SimulatedCluster(RandomScenario.Existing(), RandomScenario.Manifest(dice, valid: true), RandomScenario.Configuration(dice), Now);
        cluster.Run();
        var manifest = RandomScenario.Manifest(dice, valid: true);
        // Scaling is asked for and not a restart.
        manifest["spec"]!["numberOfInstances"] = cluster.Manifest["spec"]!["numberOfInstances"]!.DeepClone();
        cluster.Manifest = Edited(cluster, manifest);
        cluster.RestartPolicy = RestartPolicy.Approval;
        var before = cluster.PodRestarts;
        var plans = cluster.Run(plan => Assert.DoesNotContain(plan.Changes, c => c is RecreatePod or RestartPostgres or Switchover || c.Disruption is Disruption.PoolerRestart && c is PatchObject));
        Assert.Equal(before, cluster.PodRestarts);
        if (plans[^1].Pending.FirstOrDefault(p => p.WaitsFor == WaitReason.Approval) is not { } held) return;
        Assert.All(plans[^1].Pending.Where(p => p.WaitsFor == WaitReason.Approval), p => Assert.Equal(held.Approval, p.Approval));
        cluster.Manifest = (JsonObject)cluster.Manifest.DeepClone();
        cluster.Manifest["metadata"]!["annotations"]![RestartAnnotations.Approval] = held.Approval;
        plans = cluster.Run();
        Assert.DoesNotContain(plans[^1].Pending, p => p.WaitsFor == WaitReason.Approval);
    });

    [Fact]
    public void Whatever_state_pods_and_Patroni_are_in_the_last_healthy_member_is_left_alone() => Properties.ForScenarios(60, dice =>
    {
        var manifest = RandomScenario.Manifest(dice, valid: true);
        manifest["spec"]!["numberOfInstances"] = 2 + dice.Next(3);
        var cluster = new SimulatedCluster(RandomScenario.Existing(), manifest, RandomScenario.Configuration(dice), Now);
        cluster.Run();
        if (!cluster.Pods.Any()) return;
        var next = RandomScenario.Manifest(dice, valid: true);
        next["spec"]!["numberOfInstances"] = manifest["spec"]!["numberOfInstances"]!.DeepClone();
        cluster.Manifest = Edited(cluster, next);
        foreach (var pod in cluster.Pods.ToArray())
        {
            var name = (string)pod["metadata"]!["name"]!;
            if (dice.Chance(30)) cluster.SetReady(name, ready: false);
            if (dice.Chance(20)) pod["metadata"]!["annotations"] = new JsonObject { ["zalando-postgres-operator-rolling-update-required"] = "true" };
            if (dice.Chance(10)) pod["metadata"]!["deletionTimestamp"] = "2026-07-01T11:59:00Z";
            if (dice.Chance(10)) pod["metadata"]!["labels"]![cluster.RoleLabel] = dice.Pick("replica", "master", "");
            if (dice.Chance(10)) pod["status"]!["phase"] = dice.Pick("Pending", "Failed", "Unknown");
        }

        var input = cluster.Input();
        var patroni = input.Observed.Patroni!;
        input = input with
        {
            Observed = input.Observed with
            {
                Patroni = dice.Chance(15) ? null : patroni with
                {
                    Members =
                    [
                        .. patroni.Members.Where(_ => dice.Chance(85)).Select(m => m with
                        {
                            State = dice.Chance(80) ? m.State : dice.Pick("starting", "stopped", "start failed", "creating replica"),
                            LagBytes = dice.Chance(80) ? m.LagBytes : dice.Pick(-1, 5_000_000, long.MaxValue),
                            Role = dice.Chance(90) ? m.Role : dice.Pick(MemberRole.Primary, MemberRole.Replica, MemberRole.StandbyLeader),
                            PendingRestart = dice.Chance(20),
                        }),
                    ],
                },
            },
        };
        var plan = ClusterPlanner.Plan(input);
        AssertNothingIsLost(plan);
        var taken = plan.Changes.Where(c => c is RecreatePod or RestartPostgres or Switchover).ToArray();
        Assert.True(taken.Length <= 1, PlanText.Write(plan));
        foreach (var recreated in taken.OfType<RecreatePod>())
        {
            var pod = input.Observed.Find(KubernetesKinds.Pod, "default", recreated.Target.Name)!;
            if (!IsHealthy(pod)) continue;
            var others = input.Observed.List(KubernetesKinds.Pod, "default").Where(p => (string?)p["metadata"]!["name"] != recreated.Target.Name).ToArray();
            Assert.True(others.Length == 0 || others.All(IsHealthy), PlanText.Write(plan));
            Assert.False(recreated.IsPrimary && others.Length > 0, PlanText.Write(plan));
        }

        foreach (var switchover in taken.OfType<Switchover>())
        {
            var candidate = Assert.Single(input.Observed.Patroni!.Members, m => m.Name == switchover.Candidate);
            Assert.True(candidate.IsRunning && candidate.LagBytes is null or <= 1_048_576);
        }

        static bool IsHealthy(JsonObject pod) => pod["metadata"]!["deletionTimestamp"] is null
            && pod["status"]!["conditions"]!.AsArray().Any(c => (string?)c!["type"] == "Ready" && (string?)c["status"] == "True");
    });

    [Fact]
    public void No_secret_of_any_source_is_in_a_plan_that_is_shown() => Properties.ForScenarios(20, dice =>
    {
        var existing = RandomScenario.Existing();
        foreach (var item in existing.Where(i => (string?)i["kind"] == "Secret"))
            foreach (var key in item["data"]!.AsObject().Select(d => d.Key).Where(k => k != "user").ToArray()) item["data"]![key] = Encoded(Canary + key);
        var cluster = new SimulatedCluster(existing, WithSecrets(RandomScenario.Manifest(dice, valid: true), "1"), RandomScenario.Configuration(dice), Now);
        var texts = new List<string>();
        Note(ClusterPlanner.Plan(cluster.Input()));
        cluster.Run(Note);
        foreach (var (key, item) in cluster.Objects)
            if (key.Kind == "Secret" && item["data"]?["password"] is not null) item["data"]!["password"] = Encoded(Canary);
        cluster.Manifest = Edited(cluster, WithSecrets(RandomScenario.Manifest(dice, valid: true), "2"));
        Note(ClusterPlanner.Plan(cluster.Input()));
        cluster.Manifest = Edited(cluster, RandomScenario.Manifest(dice, valid: true));
        Note(ClusterPlanner.Plan(cluster.Input()));
        Assert.All(texts, t => Assert.DoesNotContain(Canary, t, StringComparison.Ordinal));
        Assert.All(texts, t => Assert.DoesNotContain(Encoded(Canary), t, StringComparison.Ordinal));

        void Note(Plan plan)
        {
            texts.Add(PlanText.Write(plan));
            texts.Add(PlanText.Write(plan, PlanTextStyle.Markdown));
            texts.Add(string.Join('\n', plan.Changes.Concat(plan.Pending.Select(p => p.Change)).SelectMany(c => c.Reasons)));
            texts.Add(string.Join('\n', plan.Findings));
        }

        static string Encoded(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

        static JsonObject WithSecrets(JsonObject manifest, string suffix)
        {
            manifest["spec"]!.AsObject().Remove("standby");
            manifest["spec"]!["clone"] = new JsonObject
            {
                ["cluster"] = "acid-other", ["timestamp"] = "2026-01-01T00:00:00+00:00", ["s3_wal_path"] = "s3://x", ["s3_access_key_id"] = "id", ["s3_secret_access_key"] = Canary + suffix,
            };
            manifest["spec"]!["env"] = new JsonArray(new JsonObject { ["name"] = "MY_PASSWORD", ["value"] = Canary + suffix }, new JsonObject { ["name"] = "AWS_SECRET_ACCESS_KEY", ["value"] = Canary + suffix });
            return manifest;
        }
    });

    // Text first, because its differences can be read.
    private static string Words(Plan plan) => PlanText.Write(plan) + PlanJson.Write(plan);

    private static JsonObject Edited(SimulatedCluster cluster, JsonObject manifest)
    {
        if (cluster.Manifest["metadata"]!["finalizers"] is { } finalizers) manifest["metadata"]!["finalizers"] = finalizers.DeepClone();
        return manifest;
    }

    private static void AssertNothingIsLost(Plan plan)
    {
        Assert.DoesNotContain(plan.Changes, c => c is DeleteObject { Kind.Kind: "PersistentVolumeClaim" or "Pod" });
        Assert.DoesNotContain(plan.Changes, c => c.Disruption == Disruption.DataLoss);
        foreach (var claim in plan.Changes.OfType<PatchObject>().Where(p => p.Kind.Kind == "PersistentVolumeClaim"))
            foreach (var reason in claim.Reasons.Where(r => r.FieldPath == "spec.resources.requests.storage"))
                Assert.True(Quantity.Parse(reason.New!) > Quantity.Parse(reason.Old!));
    }
}
