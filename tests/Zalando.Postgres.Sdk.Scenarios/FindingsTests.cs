using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Scenarios.World;

namespace Zalando.Postgres.Sdk.Scenarios;

/// <summary>What the validator finds reaches the owner of a cluster: in the status, in Events, and not too often.</summary>
public sealed class FindingsTests
{
    [Fact]
    public async Task A_doubtful_field_is_told_once_per_generation_and_not_again_by_a_restarted_operator()
    {
        await using var world = await OperatorWorld.StartAsync();
        var process = world.StartOperator();
        var manifest = OperatorWorld.Manifest();
        manifest["spec"]!["postgresql"]!["parameters"] = new JsonObject { ["fsync"] = "off" };
        world.Apply(manifest);
        await world.RunUntilAsync(() => world.IsRunning(), "the cluster runs");
        await world.SettleAsync();

        var told = Assert.Single(Warnings(world, "Durability"));
        Assert.Equal("spec.postgresql.parameters.fsync: \"off\": can destroy the data in a crash. Delete the line", (string?)told["message"]);
        Assert.Equal(1, (int)told["count"]!);

        for (var i = 0; i < 3; i++)
        {
            process.Engine.EnqueueAll(Reconciliation.Queue.ReconcilePriority.Resync);
            world.Time.Advance(TimeSpan.FromHours(1));
            await world.SettleAsync();
        }

        await world.StopOperatorAsync();
        var second = world.StartOperator();
        await world.RunUntilAsync(() => second.Engine.Passes > 0, "the second operator has looked");
        await world.SettleAsync();
        Assert.Equal(1, (int)Assert.Single(Warnings(world, "Durability"))["count"]!);

        manifest["spec"]!["podPriorityClassName"] = "other";
        world.Apply(manifest);
        await world.RunUntilAsync(() => (int)Assert.Single(Warnings(world, "Durability"))["count"]! == 2, "the new generation is told of");
    }

    [Fact]
    public async Task A_new_cluster_with_an_error_is_refused_in_status_and_Event_and_nothing_is_made()
    {
        await using var world = await OperatorWorld.StartAsync();
        world.StartOperator();
        var manifest = OperatorWorld.Manifest();
        manifest["spec"]!["patroni"] = new JsonObject { ["pg_hba"] = new JsonArray("host all all md5") };
        world.Apply(manifest);
        await world.RunUntilAsync(() => world.Cluster()?.Status is not null, "the cluster has a status");
        await world.SettleAsync();

        const string text = "spec.patroni.pg_hba[0]: \"host all all md5\": must have a database, a user, an address and a method. PostgreSQL refuses the whole file otherwise, and nobody can log in";
        Assert.Equal("Invalid", world.Cluster()!.Status!.PostgresClusterStatus);
        Assert.Equal(text, world.Cluster()!.Status!.Conditions!.Single(c => c.Type == "Degraded").Message);
        Assert.Equal(text, (string?)Assert.Single(Warnings(world, "PgHba"))["message"]);
        Assert.Null(world.Server.Access.Get(KubernetesKinds.StatefulSet, OperatorWorld.Namespace, "acid-minimal-cluster"));
        Assert.Empty(world.Server.Access.List(KubernetesKinds.Secret, OperatorWorld.Namespace));

        manifest["spec"]!["patroni"]!["pg_hba"] = new JsonArray("hostssl all all all scram-sha-256", "hostssl replication standby all scram-sha-256");
        world.Apply(manifest);
        await world.RunUntilAsync(() => world.IsRunning(), "the repaired cluster runs");
    }

    [Fact]
    public async Task A_running_cluster_is_not_left_alone_for_an_error_that_the_reference_lets_pass()
    {
        await using var world = await OperatorWorld.StartAsync();
        world.StartOperator();
        var manifest = OperatorWorld.Manifest();
        world.Apply(manifest);
        await world.RunUntilAsync(() => world.IsRunning(), "the cluster runs");

        manifest["spec"]!["databases"]!["a-b"] = "zalando";
        manifest["spec"]!["numberOfInstances"] = 3;
        world.Apply(manifest);
        await world.RunUntilAsync(() => world.IsRunning() && world.PodNames().Count == 3, "the cluster has grown");
        Assert.Contains("spec.databases.a-b", (string?)Assert.Single(Warnings(world, "DatabaseName"))["message"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_of_version_1_count_as_their_successors_and_a_warning_names_both()
    {
        await using var world = await OperatorWorld.StartAsync();
        world.StartOperator();
        var manifest = OperatorWorld.Manifest();
        manifest["spec"]!["useLoadBalancer"] = true;
        manifest["spec"]!["pod_priority_class_name"] = "important";
        manifest["spec"]!["init_containers"] = new JsonArray(new JsonObject { ["name"] = "date", ["image"] = "busybox", ["command"] = new JsonArray("/bin/date") });
        world.Apply(manifest);
        await world.RunUntilAsync(() => world.Server.Access.Get(KubernetesKinds.StatefulSet, OperatorWorld.Namespace, "acid-minimal-cluster") is not null, "the StatefulSet is there");

        var service = world.Server.Access.Get(KubernetesKinds.Service, OperatorWorld.Namespace, "acid-minimal-cluster")!;
        var pods = world.Server.Access.Get(KubernetesKinds.StatefulSet, OperatorWorld.Namespace, "acid-minimal-cluster")!["spec"]!["template"]!["spec"]!;
        Assert.Equal("LoadBalancer", (string?)service["spec"]!["type"]);
        Assert.Equal("important", (string?)pods["priorityClassName"]);
        Assert.Equal("date", (string?)pods["initContainers"]![0]!["name"]);
        Assert.Contains(Warnings(world, "DeprecatedField"), e => (string?)e["message"] == "spec.useLoadBalancer: is deprecated; its successor is enableMasterLoadBalancer. Write enableMasterLoadBalancer");
        Assert.Equal(3, Warnings(world, "DeprecatedField").Count);
    }

    private static List<JsonObject> Warnings(OperatorWorld world, string reason) =>
        [.. world.Server.Access.List(KubernetesKinds.Event, OperatorWorld.Namespace).Where(e => (string?)e["reason"] == reason && (string?)e["type"] == "Warning")];
}
