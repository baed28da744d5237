using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Scenarios.World;

namespace Zalando.Postgres.Sdk.Scenarios;

/// <summary>Volumes grow with their claims, never shrink, and restart nothing.</summary>
public sealed class VolumeTests
{
    private const string Name = "acid-minimal-cluster";

    [Fact]
    public async Task A_larger_volume_grows_the_claims_and_the_template_and_restarts_no_member()
    {
        await using var world = await StartedAsync(canGrow: true);
        world.Apply(Sized("2Gi"));
        await world.RunUntilAsync(() => world.IsRunning() && Claims(world).All(c => c == "2Gi"), "the claims grow");
        await world.SettleAsync();
        Assert.Equal("2Gi", Template(world));
        Assert.All(world.PodLives.Values, l => Assert.Single(l));
        world.Apply(Sized("2Gi", instances: 3));
        await world.RunUntilAsync(() => world.IsRunning() && world.PodNames().Count == 3, "a member is added");
        Assert.All(Claims(world), c => Assert.Equal("2Gi", c));
    }

    [Fact]
    public async Task A_smaller_volume_is_refused_with_a_warning_and_nothing_shrinks()
    {
        await using var world = await StartedAsync(canGrow: true);
        world.Apply(Sized("2Gi"));
        await world.RunUntilAsync(() => world.IsRunning() && Claims(world).All(c => c == "2Gi"), "the claims grow");
        world.Apply(Sized("1Gi"));
        await world.SettleAsync();
        Assert.All(Claims(world), c => Assert.Equal("2Gi", c));
        Assert.Contains(world.Server.Access.List(KubernetesKinds.Event, "default"), e => (string?)e["reason"] == "VolumeCannotShrink");
        Assert.All(world.PodLives.Values, l => Assert.Single(l));
    }

    [Fact]
    public async Task A_storage_class_that_cannot_grow_holds_nothing_else_up_and_says_so()
    {
        await using var world = await StartedAsync(canGrow: false);
        world.Apply(Sized("2Gi", instances: 3));
        await world.RunUntilAsync(() => world.PodNames().Count == 3 && world.Cluster()!.Status!.PostgresClusterStatus == "UpdateFailed", "the third member is made all the same");
        var degraded = world.Cluster()!.Status!.Conditions!.Single(c => c.Type == "Degraded");
        Assert.Equal("True", degraded.Status);
        Assert.Contains("persistentvolumeclaim", degraded.Message, StringComparison.OrdinalIgnoreCase);
        world.Apply(Sized("1Gi", instances: 3));
        await world.RunUntilAsync(() => world.IsRunning(), "the cluster is well again");
    }

    private static async Task<OperatorWorld> StartedAsync(bool canGrow)
    {
        var world = await OperatorWorld.StartAsync();
        world.Server.Access.Create(KubernetesKinds.StorageClass, new JsonObject
        {
            ["apiVersion"] = "storage.k8s.io/v1", ["kind"] = "StorageClass", ["metadata"] = new JsonObject { ["name"] = "disks" },
            ["provisioner"] = "example.org/disks", ["allowVolumeExpansion"] = canGrow,
        });
        world.StartOperator();
        world.Apply(Sized("1Gi"));
        await world.RunUntilAsync(() => world.IsRunning(), "the cluster runs");
        await world.SettleAsync();
        return world;
    }

    private static JsonObject Sized(string size, int instances = 2)
    {
        var manifest = OperatorWorld.Manifest(instances: instances);
        manifest["spec"]!["volume"] = new JsonObject { ["size"] = size, ["storageClass"] = "disks" };
        return manifest;
    }

    private static IReadOnlyList<string> Claims(OperatorWorld world) =>
        [.. world.Server.Access.List(KubernetesKinds.PersistentVolumeClaim, "default").Select(c => (string)c["spec"]!["resources"]!["requests"]!["storage"]!)];

    private static string? Template(OperatorWorld world) =>
        (string?)world.Server.Access.Get(KubernetesKinds.StatefulSet, "default", Name)!["spec"]!["volumeClaimTemplates"]![0]!["spec"]!["resources"]!["requests"]!["storage"];
}
