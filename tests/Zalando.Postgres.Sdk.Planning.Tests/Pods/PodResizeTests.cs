using System.Text.Json;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning.Tests.Golden;
using Zalando.Postgres.Sdk.Planning.Tests.Simulation;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Planning.Tests.Pods;

/// <summary>Which changed amounts reach running pods, in which order, and what happens when they cannot.</summary>
public sealed class PodResizeTests
{
    private static readonly DateTimeOffset Now = new(2026, 7, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Changed_cpu_is_noted_on_the_pods_before_the_template_changes_and_disrupts_nobody()
    {
        var plan = Edited("200m", offers: true, out _);
        Assert.Equal(Disruption.None, plan.Disruption);
        Assert.DoesNotContain(plan.Changes, c => c is RecreatePod or Switchover);
        var notes = plan.Changes.OfType<PatchObject>().Where(p => p.Kind.Equals(KubernetesKinds.Pod)).ToArray();
        Assert.Equal(["acid-0", "acid-1"], notes.Select(n => n.Target.Name));
        Assert.All(notes, n => Assert.Equal("2026-07-01T12:00:00Z", (string?)n.Patch["metadata"]!["annotations"]![PodNotes.ResizeInPlace]));
        var set = plan.Changes.ToList().FindIndex(c => c is PatchObject { Kind.Kind: "StatefulSet" });
        Assert.True(set > plan.Changes.ToList().IndexOf(notes[^1]));
        Assert.Contains(plan.Changes[set].Reasons, r => r.FieldPath.EndsWith("resources.requests.cpu", StringComparison.Ordinal) && r.Consequence == Consequence.InPlace);
        Assert.Contains(Edited("200m", offers: false, out _).Changes, c => c is PatchObject { Kind.Kind: "Pod" } p && p.Patch.ToJsonString().Contains("rolling-update-required", StringComparison.Ordinal));
    }

    [Fact]
    public void Replicas_are_resized_first_and_one_pod_at_a_time()
    {
        Edited("200m", offers: true, out var cluster);
        cluster.Apply(ClusterPlanner.Plan(Offering(cluster)));
        var plan = ClusterPlanner.Plan(Offering(cluster));
        var resize = Assert.Single(plan.Changes.OfType<ResizePod>());
        Assert.Equal(("acid-1", false, Disruption.None), (resize.Target.Name, resize.IsPrimary, resize.Disruption));
        Assert.Equal("200m", (string?)resize.Resources["postgres"]["requests"]!["cpu"]);
        Assert.Contains(resize.Reasons, r => r.FieldPath == "spec.containers[postgres].resources.requests.cpu");
        var primary = Assert.Single(plan.Pending, p => p.Change is ResizePod);
        Assert.Equal(("acid-0", WaitReason.EarlierChange), (primary.Change.Target.Name, primary.WaitsFor));
    }

    [Theory]
    [InlineData("Infeasible", 0, true)]
    [InlineData("Deferred", 5, false)]
    [InlineData("Deferred", 11, true)]
    [InlineData("InProgress", 5, false)]
    [InlineData("InProgress", 11, true)]
    [InlineData("refused", 0, true)]
    public void What_the_node_or_the_server_does_not_give_makes_the_pod_again_at_once_or_after_a_while(string obstacle, int minutes, bool isMadeAgain)
    {
        Edited("200m", offers: true, out var cluster);
        cluster.Apply(ClusterPlanner.Plan(Offering(cluster)));
        var replica = cluster.Pods.Single(p => (string?)p["metadata"]!["name"] == "acid-1");
        foreach (var (name, amounts) in ClusterPlanner.Plan(Offering(cluster)).Changes.OfType<ResizePod>().Single().Resources)
            if (obstacle != "refused") replica["spec"]!["containers"]!.AsArray().Single(c => (string?)c!["name"] == name)!["resources"] = amounts.DeepClone();
        if (obstacle == "refused") replica["metadata"]!["annotations"]![PodNotes.ResizeInPlace] = PodNotes.ResizeRefused + "no";
        replica["status"]!["containerStatuses"] = new JsonArray(new JsonObject { ["name"] = "postgres", ["state"] = new JsonObject { ["running"] = new JsonObject() }, ["resources"] = JsonNode.Parse("""{"requests":{"cpu":"100m"}}""") });
        if (obstacle is "Infeasible" or "Deferred")
            replica["status"]!["conditions"]!.AsArray().Add((JsonNode)new JsonObject { ["type"] = "PodResizePending", ["status"] = "True", ["reason"] = obstacle, ["message"] = "no room" });
        cluster.Now = Now.AddMinutes(minutes);
        var plan = ClusterPlanner.Plan(Offering(cluster));
        Assert.Equal(isMadeAgain, plan.Changes.Any(c => c is RecreatePod && c.Target.Name == "acid-1"));
        if (!isMadeAgain)
        {
            var waiting = Assert.Single(plan.Pending, p => p.WaitsFor == WaitReason.PodResize);
            Assert.Equal(Now.AddMinutes(10), waiting.Until);
        }
        else
        {
            Assert.All(plan.Changes.OfType<RecreatePod>().Single().Reasons, r => Assert.NotNull(r.Explanation));
        }
    }

    [Fact]
    public void Only_amounts_that_may_go_in_place_do_and_pods_without_a_note_are_never_resized() => Properties.ForScenarios(60, dice =>
    {
        var policy = dice.Pick(ResizePolicy.Cpu, ResizePolicy.CpuAndMemory, ResizePolicy.Never);
        var cluster = Started();
        var (memory, cpu) = (dice.Pick("600Mi", "1Gi", "2Gi"), dice.Pick("100m", "200m", "50m"));
        var manifest = (JsonObject)cluster.Manifest.DeepClone();
        manifest["spec"]!["resources"]!["requests"]!["cpu"] = cpu;
        manifest["spec"]!["resources"]!["limits"]!["memory"] = memory;
        var hasOther = dice.Chance(30);
        if (hasOther) manifest["spec"]!["env"] = new JsonArray(new JsonObject { ["name"] = "COLOUR", ["value"] = "blue" });
        cluster.Manifest = manifest;
        var plan = ClusterPlanner.Plan(Offering(cluster) with { ResizePolicy = policy });
        var isChanged = cpu != "100m" || memory != "1Gi";
        var inPlace = isChanged && !hasOther && policy != ResizePolicy.Never && (memory == "1Gi" || (memory == "2Gi" && policy == ResizePolicy.CpuAndMemory));
        Assert.Equal(inPlace, plan.Changes.Any(c => c is PatchObject { Kind.Kind: "Pod" } p && p.Patch.ToJsonString().Contains(PodNotes.ResizeInPlace, StringComparison.Ordinal)));
        Assert.Equal((isChanged || hasOther) && !inPlace, plan.Changes.Any(c => c is PatchObject { Kind.Kind: "Pod" } p && p.Patch.ToJsonString().Contains("rolling-update-required", StringComparison.Ordinal)));
        Assert.Empty(plan.Changes.OfType<ResizePod>());
    });

    private static Plan Edited(string cpu, bool offers, out SimulatedCluster cluster)
    {
        cluster = Started();
        var manifest = (JsonObject)cluster.Manifest.DeepClone();
        manifest["spec"]!["resources"]!["requests"]!["cpu"] = cpu;
        cluster.Manifest = manifest;
        return ClusterPlanner.Plan(offers ? Offering(cluster) : cluster.Input());
    }

    private static PlanningInput Offering(SimulatedCluster cluster)
    {
        var input = cluster.Input();
        return input with { Observed = input.Observed with { OffersPodResize = true } };
    }

    private static SimulatedCluster Started()
    {
        var manifest = (JsonObject)JsonNode.Parse("""
            {"apiVersion":"acid.zalan.do/v1","kind":"postgresql","metadata":{"name":"acid","namespace":"default","uid":"u"},
             "spec":{"teamId":"acid","numberOfInstances":2,"postgresql":{"version":"17"},"volume":{"size":"1Gi"},
                     "resources":{"requests":{"cpu":"100m","memory":"500Mi"},"limits":{"cpu":"2","memory":"1Gi"}}}}
            """)!;
        var cluster = new SimulatedCluster([], manifest, new OperatorConfiguration { Form = ConfigurationForm.ConfigMap, Configuration = new OperatorParameters() }, Now);
        cluster.Run();
        return cluster;
    }
}
