using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;
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

    [Theory]
    [InlineData("retain", "retain")]
    [InlineData("retain", "delete")]
    [InlineData("delete", "retain")]
    public async Task Claims_of_members_that_leave_are_kept_or_deleted_as_the_retention_policy_says(string whenDeleted, string whenScaled)
    {
        await using var world = await OperatorWorld.StartAsync(Retention(whenDeleted, whenScaled));
        world.StartOperator();
        world.Apply(OperatorWorld.Manifest(instances: 3));
        await world.RunUntilAsync(() => world.IsRunning() && world.PodNames().Count == 3, "three members run");
        world.Apply(OperatorWorld.Manifest(instances: 1));
        await world.RunUntilAsync(() => world.IsRunning() && world.PodNames().Count == 1, "one member is left");
        await world.SettleAsync();
        Assert.Equal(whenScaled == "delete" ? 1 : 3, Claims(world).Count);
        world.Operator!.Engine.EnqueueAll(Reconciliation.Queue.ReconcilePriority.Resync);
        var calls = world.Operator.Client.Calls;
        await world.SettleAsync();
        Assert.Equal(calls, world.Operator.Client.Calls);
        // Another policy replaces the StatefulSet around its pods and claims, whose owners must not take them away.
        world.Configuration.Replace(new OperatorConfiguration { Form = ConfigurationForm.ConfigMap, Configuration = Retention(whenDeleted == "delete" ? "retain" : "delete", "retain") });
        await world.RunUntilAsync(() => Policy(world)!.StartsWith(whenDeleted == "delete" ? "Retain" : "Delete", StringComparison.Ordinal) && world.IsRunning(), "the policy changes");
        await world.SettleAsync();
        Assert.Equal(whenScaled == "delete" ? 1 : 3, Claims(world).Count);
        Assert.Single(world.PodLives[Name + "-0"]);
    }

    [Theory]
    [InlineData(true, 0)]
    [InlineData(false, 2)]
    public async Task Claims_of_a_deleted_cluster_follow_the_switch_and_not_the_retention_policy(bool deletes, int left)
    {
        var parameters = Retention(deletes ? "retain" : "delete", "retain");
        await using var world = await OperatorWorld.StartAsync(parameters with { Kubernetes = parameters.Kubernetes! with { EnablePersistentVolumeClaimDeletion = deletes } });
        world.StartOperator();
        world.Apply(OperatorWorld.Manifest());
        await world.RunUntilAsync(() => world.IsRunning(), "the cluster runs");
        world.Server.Access.Delete(Postgresql.Descriptor, "default", Name);
        await world.RunUntilAsync(() => world.PodNames().Count == 0 && world.Server.Access.List(KubernetesKinds.StatefulSet, "default").Count == 0, "the cluster is gone");
        await world.SettleAsync();
        Assert.Equal(left, Claims(world).Count);
    }

    private static OperatorParameters Retention(string whenDeleted, string whenScaled) => new()
    {
        Kubernetes = new() { PersistentVolumeClaimRetentionPolicy = new Dictionary<string, string>(StringComparer.Ordinal) { ["when_deleted"] = whenDeleted, ["when_scaled"] = whenScaled } },
    };

    private static string? Policy(OperatorWorld world) =>
        world.Server.Access.Get(KubernetesKinds.StatefulSet, "default", Name)?["spec"]?["persistentVolumeClaimRetentionPolicy"] is JsonObject policy ? $"{policy["whenDeleted"]}/{policy["whenScaled"]}" : "";

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
