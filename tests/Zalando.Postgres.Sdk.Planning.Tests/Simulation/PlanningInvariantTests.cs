using System.Text;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning.Json;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;

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
