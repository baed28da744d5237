using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning.Pods;
using Zalando.Postgres.Sdk.Resources.Configuration;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Scenarios.World;

namespace Zalando.Postgres.Sdk.Scenarios;

/// <summary>What reaches pods only when they are made again: by the configuration or the manifest, switched on and off.</summary>
public sealed class PodScenarioTests
{
    private const string Name = EquippedWorld.Cluster;

    public static TheoryData<string> Settings => ["capabilities", "resource minimums", "readiness label", "anti-affinity", "node affinity", "topology spread"];

    [Theory]
    [MemberData(nameof(Settings))]
    public async Task Switched_on_and_off_it_rolls_replicas_first_with_one_switchover_each(string setting)
    {
        var (on, off, holds) = Of(setting);
        await using var equipped = await EquippedWorld.StartAsync(nodes: ["node-2", "node-3"], before: world =>
        {
            // Both members begin on one node, which is not the one where some settings want them.
            world.Cordon("node-2");
            world.Cordon("node-3");
        });
        var world = equipped.World;
        foreach (var node in (string[])["node-2", "node-3"])
        {
            world.Cordon(node, isClosed: false);
            world.ChangeNode(node, n => n["metadata"]!["labels"]!["lifecycle-status"] = "ready");
        }

        await world.SettleAsync();
        Assert.False(world.Members().All(holds), "It holds already.");
        var deleted = new List<string>();
        using var subscription = world.Server.Access.Subscribe(change =>
        {
            if (change is { Type: "DELETED", Kind.Kind: "Pod" }) deleted.Add((string)change.Object["metadata"]!["name"]!);
        });
        on(world);
        await world.RunUntilAsync(() => world.IsRunning() && world.PodLives.Values.All(l => l.Count == 2), "the members are made again");
        await world.SettleAsync();
        Assert.All(world.Members(), pod => Assert.True(holds(pod), pod["spec"]!.ToJsonString()));
        Assert.Equal([Name + "-1", Name + "-0"], deleted);
        Assert.Equal([$"switchover {Name}-0 -> {Name}-1"], equipped.Patroni.Log);
        if (setting is "anti-affinity" or "topology spread") Assert.Equal(2, world.Nodes().Distinct().Count());
        if (setting is "readiness label" or "node affinity") Assert.DoesNotContain("node-1", world.Nodes());
        off(world);
        await world.RunUntilAsync(() => world.IsRunning() && world.PodLives.Values.All(l => l.Count == 3), "the members are made again");
        await world.SettleAsync();
        Assert.DoesNotContain(world.Members(), pod => holds(pod));
        Assert.Equal([$"switchover {Name}-0 -> {Name}-1", $"switchover {Name}-1 -> {Name}-0"], equipped.Patroni.Log);
    }

    private static (Action<OperatorWorld> On, Action<OperatorWorld> Off, Func<JsonObject, bool> Holds) Of(string setting)
    {
        return setting switch
        {
            "capabilities" => Configured(
                new() { Kubernetes = new() { AdditionalPodCapabilities = ["SYS_NICE", "CHOWN"] } },
                p => p["spec"]!["containers"]![0]!["securityContext"]?["capabilities"]?["add"] is JsonArray added && added.Select(c => (string?)c).SequenceEqual(["SYS_NICE", "CHOWN"])),
            "resource minimums" => Configured(
                new() { SetMemoryRequestToLimit = true, PostgresPodResources = new() { DefaultCpuRequest = "100m", DefaultMemoryRequest = "100Mi", DefaultCpuLimit = "1", DefaultMemoryLimit = "500Mi", MaxMemoryRequest = "300Mi", MinCpuLimit = "1503m", MinMemoryLimit = "1502Mi" } },
                p => p["spec"]!["containers"]![0]!["resources"] is { } r && (string?)r["limits"]?["cpu"] == "1503m" && (string?)r["limits"]?["memory"] == "1502Mi" && (string?)r["requests"]?["memory"] == "300Mi"),
            "readiness label" => Configured(
                new() { Kubernetes = new() { NodeReadinessLabel = new Dictionary<string, string> { ["lifecycle-status"] = "ready" }, NodeReadinessLabelMerge = "AND" } },
                p => p["spec"]!["affinity"]?["nodeAffinity"]?.ToJsonString().Contains("lifecycle-status", StringComparison.Ordinal) == true),
            "anti-affinity" => Configured(new() { Kubernetes = new() { EnablePodAntiAffinity = true } }, p => p["spec"]!["affinity"]?["podAntiAffinity"] is not null),
            "node affinity" => Edited(
                spec => spec["nodeAffinity"] = JsonNode.Parse("""{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[{"matchExpressions":[{"key":"lifecycle-status","operator":"In","values":["ready"]}]}]}}"""),
                spec => spec.Remove("nodeAffinity"),
                p => p["spec"]!["affinity"]?["nodeAffinity"] is not null),
            _ => Edited(
                spec => spec["topologySpreadConstraints"] = JsonNode.Parse("""[{"maxSkew":1,"topologyKey":"kubernetes.io/hostname","whenUnsatisfiable":"DoNotSchedule","labelSelector":{"matchLabels":{"cluster-name":"acid-minimal-cluster"}}}]"""),
                spec => spec.Remove("topologySpreadConstraints"),
                p => p["spec"]!["topologySpreadConstraints"] is JsonArray { Count: 1 } constraints && (string?)constraints[0]!["labelSelector"]?["matchLabels"]?["cluster-name"] == Name),
        };

        static (Action<OperatorWorld>, Action<OperatorWorld>, Func<JsonObject, bool>) Configured(OperatorParameters parameters, Func<JsonObject, bool> holds) =>
            (world => world.Configure(parameters), world => world.Configure(new OperatorParameters()), holds);

        static (Action<OperatorWorld>, Action<OperatorWorld>, Func<JsonObject, bool>) Edited(Action<JsonObject> on, Action<JsonObject> off, Func<JsonObject, bool> holds) =>
            (world => world.Edit(m => on((JsonObject)m["spec"]!)), world => world.Edit(m => off((JsonObject)m["spec"]!)), holds);
    }

    [Fact]
    public async Task A_lazy_upgrade_reaches_pods_when_they_are_made_again_for_another_reason_and_all_of_them_when_it_is_no_longer_lazy()
    {
        await using var equipped = await EquippedWorld.StartAsync(new OperatorParameters { DockerImage = "spilo:1" });
        var world = equipped.World;
        Assert.All(world.Members(), p => Assert.Equal("spilo:1", Image(p)));
        world.Configure(new OperatorParameters { DockerImage = "spilo:2", EnableLazySpiloUpgrade = true });
        await world.RunUntilAsync(() => Image(world.Server.Access.Get(KubernetesKinds.StatefulSet, "default", Name)!["spec"]!["template"]!) == "spilo:2", "the StatefulSet has the new image");
        await world.SettleAsync();
        Assert.All(world.Members(), p => Assert.Equal("spilo:1", Image(p)));
        Assert.True(world.IsRunning());
        world.Server.Access.Delete(KubernetesKinds.Pod, "default", Name + "-0");
        await world.RunUntilAsync(() => world.IsRunning() && world.Members().Count == 2, "the deleted member is back");
        await world.SettleAsync();
        Assert.Equal(["spilo:2", "spilo:1"], world.Members().Select(Image));
        Assert.Equal([2, 1], world.PodLives.OrderBy(l => l.Key).Select(l => l.Value.Count));
        world.Configure(new OperatorParameters { DockerImage = "spilo:2" });
        await world.RunUntilAsync(() => world.IsRunning() && world.Members().All(p => Image(p) == "spilo:2"), "both have the new image");
        await world.SettleAsync();
        Assert.Equal([2, 2], world.PodLives.OrderBy(l => l.Key).Select(l => l.Value.Count));
    }

    [Fact]
    public async Task A_mark_on_the_primary_moves_the_primary_and_makes_only_that_pod_again()
    {
        await using var equipped = await EquippedWorld.StartAsync();
        var world = equipped.World;
        var pod = world.Server.Access.Get(KubernetesKinds.Pod, "default", Name + "-0")!;
        pod["metadata"]!["annotations"]!["zalando-postgres-operator-rolling-update-required"] = "true";
        world.Server.Access.Update(KubernetesKinds.Pod, pod);
        await world.RunUntilAsync(() => world.IsRunning() && world.PodLives[Name + "-0"].Count == 2, "the marked pod is made again");
        await world.SettleAsync();
        Assert.Equal([$"switchover {Name}-0 -> {Name}-1"], equipped.Patroni.Log);
        Assert.Equal(Name + "-1", world.Patroni.LeaderOf("default", Name));
        Assert.Single(world.PodLives[Name + "-1"]);
        Assert.All(world.Members(), p => Assert.Null(p["metadata"]!["annotations"]?["zalando-postgres-operator-rolling-update-required"]));
    }

    [Fact]
    public async Task Scaling_in_moves_the_primary_away_from_the_highest_ordinal_first_and_keeps_the_others()
    {
        await using var equipped = await EquippedWorld.StartAsync(manifest: OperatorWorld.Manifest(instances: 3));
        var world = equipped.World;
        world.Patroni.SwitchOver("default", Name, Name + "-2");
        await world.SettleAsync();
        var primaries = new List<string?>();
        using var subscription = world.Server.Access.Subscribe(change =>
        {
            if (change is { Type: "DELETED", Kind.Kind: "Pod" }) primaries.Add(world.Patroni.LeaderOf("default", Name));
        });
        world.Apply(OperatorWorld.Manifest(instances: 1));
        await world.RunUntilAsync(() => world.IsRunning() && world.Members().Count == 1, "one member is left");
        await world.SettleAsync();
        Assert.Equal([$"switchover {Name}-2 -> {Name}-0"], equipped.Patroni.Log);
        Assert.All(primaries, p => Assert.Equal(Name + "-0", p));
        Assert.All(world.PodLives.Values, l => Assert.Single(l));
    }

    [Theory]
    [InlineData("delete", 1)]
    [InlineData("retain", 2)]
    public async Task The_retention_policy_decides_whether_the_claims_of_members_that_leave_stay(string whenScaled, int claims)
    {
        await using var equipped = await EquippedWorld.StartAsync(new OperatorParameters
        {
            Kubernetes = new() { PersistentVolumeClaimRetentionPolicy = new Dictionary<string, string> { ["when_deleted"] = "retain", ["when_scaled"] = whenScaled } },
        });
        var world = equipped.World;
        world.Apply(OperatorWorld.Manifest(instances: 1));
        await world.RunUntilAsync(() => world.IsRunning() && world.Members().Count == 1, "one member is left");
        await world.SettleAsync();
        Assert.Equal(claims, world.Server.Access.List(KubernetesKinds.PersistentVolumeClaim, "default").Count);
        world.Apply(OperatorWorld.Manifest());
        await world.RunUntilAsync(() => world.IsRunning() && world.Members().Count == 2, "two members are back");
        Assert.Equal(2, world.Server.Access.List(KubernetesKinds.PersistentVolumeClaim, "default").Count);
    }

    private static string? Image(JsonNode pod) => (string?)pod["spec"]!["containers"]![0]!["image"];
}
