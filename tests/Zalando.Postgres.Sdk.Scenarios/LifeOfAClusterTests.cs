using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Reconciliation.Databases;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Scenarios.World;

namespace Zalando.Postgres.Sdk.Scenarios;

public sealed class LifeOfAClusterTests
{
    [Fact]
    public async Task A_cluster_is_created_and_says_so()
    {
        await using var world = await OperatorWorld.StartAsync();
        world.StartOperator();
        world.Apply(OperatorWorld.Manifest());
        await world.RunUntilAsync(() => world.IsRunning(), "the cluster runs");
        Assert.Equal(["acid-minimal-cluster-0", "acid-minimal-cluster-1"], world.PodNames());
        var status = world.Cluster()!.Status!;
        Assert.Equal("False", status.Conditions!.Single(c => c.Type == "Degraded").Status);
        Assert.Equal("False", status.Conditions!.Single(c => c.Type == "Progressing").Status);
        Assert.Equal(2, status.NumberOfInstances);
        Assert.Equal("application=spilo,cluster-name=acid-minimal-cluster", status.LabelSelector);
        foreach (var name in new[] { "acid-minimal-cluster", "acid-minimal-cluster-repl" }) Assert.NotNull(world.Server.Access.Get(KubernetesKinds.Service, "default", name));
        Assert.NotNull(world.Server.Access.Get(KubernetesKinds.Secret, "default", "zalando.acid-minimal-cluster.credentials.postgresql.acid.zalan.do"));
        Assert.Contains(world.Server.Access.List(KubernetesKinds.Event, "default"), e => (string?)e["reason"] == "StatefulSet" && (string?)e["involvedObject"]!["name"] == "acid-minimal-cluster");
    }

    [Fact]
    public async Task An_Event_about_many_changes_can_be_read_to_its_end()
    {
        await using var world = await OperatorWorld.StartAsync();
        var postgres = new SimulatedPostgres(() => null);
        world.Plugins = services => services with { Databases = new DatabaseReconciler(postgres) };
        world.StartOperator();
        var manifest = OperatorWorld.Manifest();
        for (var i = 0; i < 30; i++) manifest["spec"]!["users"]![$"user_{i:00}"] = new JsonArray();
        world.Apply(manifest);
        await world.RunUntilAsync(() => world.IsRunning(), "the cluster runs");
        var messages = world.Server.Access.List(KubernetesKinds.Event, "default").Where(e => (string?)e["reason"] is "Databases" or "Secrets").ToDictionary(e => (string)e["reason"]!, e => (string)e["message"]!);
        Assert.Contains("create database foo", messages["Databases"], StringComparison.Ordinal);
        Assert.Contains("create role foo_user, ", messages["Databases"], StringComparison.Ordinal);
        Assert.EndsWith(" more", messages["Secrets"], StringComparison.Ordinal);
        Assert.All(messages.Values, m => Assert.True(m.Length < 700, m));
    }

    [Fact]
    public async Task A_resync_of_an_unchanged_cluster_makes_no_request()
    {
        await using var world = await OperatorWorld.StartAsync();
        var process = world.StartOperator();
        world.Apply(OperatorWorld.Manifest());
        await world.RunUntilAsync(() => world.IsRunning(), "the cluster runs");
        await world.SettleAsync();
        var calls = process.Client.Calls;
        var passes = process.Engine.Passes;
        world.Server.RequestLog.Clear();
        process.Engine.EnqueueAll(Reconciliation.Queue.ReconcilePriority.Resync);
        await world.SettleAsync();
        Assert.True(process.Engine.Passes > passes);
        Assert.Equal(calls, process.Client.Calls);
        Assert.DoesNotContain(world.Server.RequestLog.Snapshot(), r => r.IsWrite || r.Verb is "get" or "list");
    }

    [Fact]
    public async Task A_restarted_operator_changes_nothing()
    {
        await using var world = await OperatorWorld.StartAsync();
        world.StartOperator();
        world.Apply(OperatorWorld.Manifest());
        await world.RunUntilAsync(() => world.IsRunning(), "the cluster runs");
        await world.SettleAsync();
        await world.StopOperatorAsync();
        world.Server.RequestLog.Clear();
        var second = world.StartOperator();
        await world.RunUntilAsync(() => second.Engine.Passes > 0, "the second operator has looked");
        Assert.DoesNotContain(world.Server.RequestLog.Snapshot(), r => r.IsWrite);
        Assert.Equal(0, second.Client.Calls);
    }

    [Fact]
    public async Task A_cluster_grows_and_shrinks_without_touching_the_members_that_stay()
    {
        await using var world = await OperatorWorld.StartAsync();
        world.StartOperator();
        world.Apply(OperatorWorld.Manifest(instances: 2));
        await world.RunUntilAsync(() => world.IsRunning(), "the cluster runs");
        world.Apply(OperatorWorld.Manifest(instances: 3));
        await world.RunUntilAsync(() => world.IsRunning() && world.PodNames().Count == 3, "it has three members");
        world.Apply(OperatorWorld.Manifest(instances: 1));
        await world.RunUntilAsync(() => world.IsRunning() && world.PodNames().Count == 1, "it has one member");
        Assert.All(world.PodLives.Values, lives => Assert.Single(lives));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_deleted_cluster_leaves_nothing_but_what_the_namespace_shares(bool withFinalizer)
    {
        await using var world = await OperatorWorld.StartAsync(new OperatorParameters { Kubernetes = new() { EnableFinalizers = withFinalizer } });
        world.StartOperator();
        var before = world.Snapshot().Keys.ToHashSet();
        world.Apply(OperatorWorld.Manifest());
        await world.RunUntilAsync(() => world.IsRunning(), "the cluster runs");
        world.Server.Access.Delete(Postgresql.Descriptor, "default", "acid-minimal-cluster");
        await world.RunUntilAsync(() => !world.Snapshot().Keys.Any(k => k.Contains("acid-minimal-cluster", StringComparison.Ordinal)), "everything is gone");
        Assert.Equal(["RoleBinding/postgres-pod", "ServiceAccount/postgres-pod"], world.Snapshot().Keys.Except(before).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_broken_manifest_is_refused_with_field_value_and_rule_and_others_go_on()
    {
        await using var world = await OperatorWorld.StartAsync();
        world.StartOperator();
        var broken = OperatorWorld.Manifest("acid-broken");
        broken["spec"]!["standby"] = new JsonObject { ["s3_wal_path"] = "s3://bucket/path" };
        broken["spec"]!["clone"] = new JsonObject { ["cluster"] = "acid-other" };
        world.Apply(broken);
        world.Apply(OperatorWorld.Manifest());
        await world.RunUntilAsync(() => world.IsRunning(), "the good cluster runs");
        var status = world.Cluster("acid-broken")!.Status!;
        Assert.Equal("Invalid", status.PostgresClusterStatus);
        Assert.Contains("spec.standby", status.Conditions!.Single(c => c.Type == "Degraded").Message, StringComparison.Ordinal);
        Assert.Contains(world.Server.Access.List(KubernetesKinds.Event, "default"), e =>
            (string?)e["type"] == "Warning" && (string?)e["involvedObject"]!["name"] == "acid-broken" && ((string)e["message"]!).Contains("spec.standby", StringComparison.Ordinal));
        Assert.DoesNotContain(world.Snapshot().Keys, k => k.Contains("acid-broken", StringComparison.Ordinal) && !k.StartsWith("postgresql/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_others_change_or_delete_is_put_right()
    {
        await using var world = await OperatorWorld.StartAsync();
        world.StartOperator();
        world.Apply(OperatorWorld.Manifest());
        await world.RunUntilAsync(() => world.IsRunning(), "the cluster runs");
        var wanted = world.Snapshot();
        world.Server.Access.Delete(KubernetesKinds.Service, "default", "acid-minimal-cluster-repl");
        world.Server.Access.Delete(KubernetesKinds.PodDisruptionBudget, "default", "postgres-acid-minimal-cluster-pdb");
        var statefulSet = world.Server.Access.Get(KubernetesKinds.StatefulSet, "default", "acid-minimal-cluster")!;
        statefulSet["spec"]!["replicas"] = 5;
        world.Server.Access.Update(KubernetesKinds.StatefulSet, statefulSet);
        await world.RunUntilAsync(() => world.IsRunning() && world.PodNames().Count == 2, "it is as before");
        await world.RunUntilAsync(() => world.Snapshot().Keys.SequenceEqual(wanted.Keys.Union(world.Snapshot().Keys.Where(k => k.StartsWith("PersistentVolumeClaim/", StringComparison.Ordinal))).Order(StringComparer.Ordinal)), "all objects are there");
        Assert.Equal(wanted["Service/acid-minimal-cluster-repl"], world.Snapshot()["Service/acid-minimal-cluster-repl"]);
        Assert.All(world.PodLives.Where(p => p.Key is "acid-minimal-cluster-0" or "acid-minimal-cluster-1"), p => Assert.Single(p.Value));
    }

    [Fact]
    public async Task A_changed_configuration_takes_effect_without_a_restart_of_the_operator()
    {
        await using var world = await OperatorWorld.StartAsync();
        world.StartOperator();
        world.Apply(OperatorWorld.Manifest());
        await world.RunUntilAsync(() => world.IsRunning(), "the cluster runs");
        world.Configuration.Replace(new OperatorConfiguration
        {
            Form = ConfigurationForm.ConfigMap, Configuration = new OperatorParameters { LoadBalancer = new() { EnableMasterLoadBalancer = true } },
        });
        await world.RunUntilAsync(() => (string?)world.Server.Access.Get(KubernetesKinds.Service, "default", "acid-minimal-cluster")!["spec"]!["type"] == "LoadBalancer", "the service is a load balancer");
        Assert.All(world.PodLives.Values, lives => Assert.Single(lives));
    }
}
