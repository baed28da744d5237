using System.Text;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Reconciliation.Deletion;
using Zalando.Postgres.Sdk.Reconciliation.Engine;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Scenarios.World;

namespace Zalando.Postgres.Sdk.Scenarios;

/// <summary>Clusters that were deleted while no operator ran, and everything else that looks like that. The worst an operator can do is to delete
/// what nobody wanted to delete.</summary>
public sealed class OrphanTests
{
    private const string Cluster = "acid-minimal-cluster";

    [Fact]
    public async Task A_cluster_deleted_while_no_operator_ran_stays_and_is_reported_once()
    {
        await using var world = await OrphanedAsync(new());
        var before = Own(world);
        var process = world.StartOperator();
        await world.RunUntilAsync(() => Reports(world).Count > 0, "it is reported");
        await PassAsync(world, TimeSpan.FromHours(1));
        Assert.Equal(before, Own(world));
        var report = Assert.Single(Reports(world));
        Assert.Equal("StatefulSet", (string?)report["involvedObject"]!["kind"]);
        var message = (string)report["message"]!;
        Assert.Contains("2 Pods", message, StringComparison.Ordinal);
        Assert.Contains("kubectl -n default delete statefulset,pod,service,poddisruptionbudget,configmap,endpoints -l cluster-name=acid-minimal-cluster", message, StringComparison.Ordinal);
        Assert.DoesNotContain(process.Client.Log, c => c.StartsWith("delete", StringComparison.Ordinal) || c.StartsWith("patch", StringComparison.Ordinal));
    }

    [Fact]
    public async Task It_is_taken_over_with_its_pods_and_passwords_when_the_manifest_comes_back()
    {
        await using var world = await OrphanedAsync(new());
        world.StartOperator();
        await world.RunUntilAsync(() => Reports(world).Count > 0, "it is reported");
        world.Apply(OperatorWorld.Manifest());
        await world.RunUntilAsync(() => world.IsRunning(), "it is taken over");
        Assert.All(world.PodLives.Values, lives => Assert.Single(lives));
        Assert.All(world.Passwords.Values, passwords => Assert.Single(passwords));
    }

    [Fact]
    public async Task It_is_deleted_when_the_options_say_so_but_not_at_once()
    {
        await using var world = await OrphanedAsync(new());
        var before = Own(world);
        world.EngineOptions = world.EngineOptions with { OrphanedClusters = OrphanedClusters.Delete };
        world.StartOperator();
        await world.RunUntilAsync(() => Reports(world).Count > 0, "it is reported");
        await PassAsync(world, TimeSpan.FromMinutes(9));
        Assert.Equal(before, Own(world));
        await world.RunUntilAsync(() => Own(world).Count == 0, "it is deleted");
        await world.SettleAsync();
        Assert.Empty(Own(world));
    }

    [Fact]
    public async Task What_switches_keep_is_kept_of_an_orphan_too()
    {
        await using var world = await OrphanedAsync(new() { Kubernetes = new() { EnableSecretsDeletion = false, EnablePersistentVolumeClaimDeletion = false } });
        world.EngineOptions = world.EngineOptions with { OrphanedClusters = OrphanedClusters.Delete };
        var kept = Own(world).Where(o => o.StartsWith("Secret/", StringComparison.Ordinal) || o.StartsWith("PersistentVolumeClaim/", StringComparison.Ordinal)).ToList();
        Assert.Equal(6, kept.Count);
        world.StartOperator();
        await world.RunUntilAsync(() => world.PodNames().Count == 0, "it is deleted");
        await PassAsync(world, TimeSpan.FromHours(1));
        Assert.Equal(kept, Own(world));
        Assert.Single(Reports(world));
    }

    [Theory]
    [InlineData("date")]
    [InlineData("name")]
    [InlineData("controller")]
    [InlineData("foreign")]
    [InlineData("definition")]
    public async Task Nothing_is_deleted_when_anything_speaks_against_it(string obstacle)
    {
        var parameters = new OperatorParameters
        {
            Kubernetes = new()
            {
                DeleteAnnotationDateKey = obstacle == "date" ? "delete-date" : null,
                DeleteAnnotationNameKey = obstacle == "name" ? "delete-clustername" : null,
                EnableOwnerReferences = false,
            },
        };
        await using var world = await OrphanedAsync(parameters);
        world.EngineOptions = world.EngineOptions with { OrphanedClusters = OrphanedClusters.Delete, ControllerId = obstacle == "controller" ? "other" : "" };
        if (obstacle == "foreign")
        {
            // The same labels and names, but no operator wrote it.
            var template = world.Server.Access.Get(KubernetesKinds.StatefulSet, OperatorWorld.Namespace, Cluster)!;
            world.Server.Access.Delete(KubernetesKinds.StatefulSet, OperatorWorld.Namespace, Cluster);
            await world.Server.Controllers!.SettleAsync(TestContext.Current.CancellationToken);
            world.Server.Access.Create(KubernetesKinds.StatefulSet, new JsonObject
            {
                ["apiVersion"] = "apps/v1", ["kind"] = "StatefulSet", ["spec"] = template["spec"]!.DeepClone(),
                ["metadata"] = new JsonObject { ["name"] = Cluster, ["namespace"] = OperatorWorld.Namespace, ["labels"] = template["metadata"]!["labels"]!.DeepClone() },
            });
        }

        if (obstacle == "definition") world.Server.Access.Delete(KubernetesKinds.CustomResourceDefinition, null, "postgresqls.acid.zalan.do");
        await world.Server.Controllers!.SettleAsync(TestContext.Current.CancellationToken);
        var before = Own(world);
        var process = world.StartOperator();
        if (obstacle == "definition") world.ThingsMayHang = true;
        else await world.RunUntilAsync(() => Reports(world).Count > 0, "it is reported");
        await PassAsync(world, TimeSpan.FromHours(1));
        Assert.Equal(before, Own(world));
        Assert.DoesNotContain(process.Client.Log, c => c.StartsWith("delete", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Manifests_that_vanish_with_their_definition_take_no_cluster_with_them()
    {
        await using var world = await OperatorWorld.StartAsync();
        var process = world.StartOperator();
        world.Apply(OperatorWorld.Manifest());
        await world.RunUntilAsync(() => world.IsRunning(), "the cluster runs");
        await world.SettleAsync();
        var before = Own(world).Where(o => !o.StartsWith("postgresql/", StringComparison.Ordinal)).ToList();
        world.ThingsMayHang = true;
        world.Server.Access.Delete(KubernetesKinds.CustomResourceDefinition, null, "postgresqls.acid.zalan.do");
        await PassAsync(world, TimeSpan.FromMinutes(30));
        Assert.Equal(before, Own(world).Where(o => !o.StartsWith("postgresql/", StringComparison.Ordinal)));
        Assert.DoesNotContain(process.Client.Log, c => c.StartsWith("delete", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_note_of_a_deletion_that_is_about_something_else_is_not_followed()
    {
        await using var world = await OrphanedAsync(new());
        var manifest = OperatorWorld.Manifest("acid-other");
        manifest["metadata"]!["deletionTimestamp"] = "2026-01-01T00:00:00Z";
        world.Server.Access.Create(KubernetesKinds.Secret, new JsonObject
        {
            ["apiVersion"] = "v1", ["kind"] = "Secret", ["type"] = "acid.zalan.do/deletion",
            ["metadata"] = new JsonObject
            {
                ["name"] = Cluster + ".deletion.acid.zalan.do", ["namespace"] = OperatorWorld.Namespace,
                ["labels"] = new JsonObject { ["application"] = "spilo", ["cluster-name"] = Cluster },
            },
            ["data"] = new JsonObject { ["controller"] = "", ["manifest"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(manifest.ToJsonString())) },
        });
        var before = Own(world);
        world.StartOperator();
        await world.RunUntilAsync(() => Reports(world).Count > 0, "it is reported");
        await PassAsync(world, TimeSpan.FromHours(1));
        Assert.Equal(before, Own(world));
        Assert.Contains("that of another cluster", (string)Assert.Single(Reports(world))["message"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cluster_created_again_in_the_middle_of_its_deletion_keeps_what_is_left()
    {
        await using var world = await OperatorWorld.StartAsync();
        world.StartOperator();
        world.Apply(OperatorWorld.Manifest());
        await world.RunUntilAsync(() => world.IsRunning(), "the cluster runs");
        await world.SettleAsync();
        await world.StopOperatorAsync();
        // Definition, list, the note, two requests for poolers and the like: the first objects are gone then.
        var dying = world.StartOperator(killAt: 6, killAfter: true);
        await world.RunUntilAsync(() => dying.Engine.Ready.IsCompleted, "it has looked around");
        world.Server.Access.Delete(Postgresql.Descriptor, OperatorWorld.Namespace, Cluster);
        await world.RunUntilAsync(() => dying.IsDead, "the operator dies");
        Assert.Contains(Own(world), o => o.EndsWith(".deletion.acid.zalan.do", StringComparison.Ordinal));
        await world.StopOperatorAsync();
        world.Apply(OperatorWorld.Manifest());
        world.StartOperator();
        await world.RunUntilAsync(() => world.IsRunning(), "it runs again");
        await world.SettleAsync();
        Assert.DoesNotContain(Own(world), o => o.EndsWith(".deletion.acid.zalan.do", StringComparison.Ordinal));
        Assert.Equal(2, world.PodNames().Count);
        Assert.All(world.Passwords.Values, passwords => Assert.Single(passwords));
    }

    [Fact]
    public async Task A_deletion_that_was_allowed_yesterday_goes_on_today()
    {
        await using var world = await OperatorWorld.StartAsync(new() { Kubernetes = new() { DeleteAnnotationDateKey = "delete-date" } });
        var manifest = OperatorWorld.Manifest();
        manifest["metadata"]!["annotations"] = new JsonObject { ["delete-date"] = "2026-01-01" };
        world.Apply(manifest);
        world.StartOperator();
        await world.RunUntilAsync(() => world.IsRunning(), "the cluster runs");
        await world.SettleAsync();
        await world.StopOperatorAsync();
        var dying = world.StartOperator(killAt: 6, killAfter: true);
        await world.RunUntilAsync(() => dying.Engine.Ready.IsCompleted, "it has looked around");
        world.Server.Access.Delete(Postgresql.Descriptor, OperatorWorld.Namespace, Cluster);
        await world.RunUntilAsync(() => dying.IsDead, "the operator dies");
        await world.StopOperatorAsync();
        world.Time.JumpWallClock(TimeSpan.FromDays(2));
        world.StartOperator();
        await world.RunUntilAsync(() => Own(world).Count == 0, "the deletion goes on");
    }

    private static async Task<OperatorWorld> OrphanedAsync(OperatorParameters parameters)
    {
        var world = await OperatorWorld.StartAsync(parameters);
        world.Apply(OperatorWorld.Manifest());
        world.StartOperator();
        await world.RunUntilAsync(() => world.IsRunning(), "the cluster runs");
        await world.SettleAsync();
        await world.StopOperatorAsync();
        world.Server.Access.Delete(Postgresql.Descriptor, OperatorWorld.Namespace, Cluster);
        return world;
    }

    private static async Task PassAsync(OperatorWorld world, TimeSpan time)
    {
        var end = world.Time.GetUtcNow() + time;
        await world.RunUntilAsync(() => world.Time.UntilNextTimer is not { } next || world.Time.GetUtcNow() + next > end, "time passes");
    }

    private static IReadOnlyList<string> Own(OperatorWorld world) => [.. world.Snapshot().Keys.Where(k => k.Contains(Cluster, StringComparison.Ordinal))];

    private static IReadOnlyList<JsonObject> Reports(OperatorWorld world) =>
        [.. world.Server.Access.List(KubernetesKinds.Event, OperatorWorld.Namespace).Where(e => (string?)e["reason"] == "Orphaned")];
}
