using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Reconciliation.Databases;
using Zalando.Postgres.Sdk.Reconciliation.Patroni;
using Zalando.Postgres.Sdk.Resources.Configuration;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Scenarios.World;

namespace Zalando.Postgres.Sdk.Scenarios;

/// <summary>Clusters whose Patroni keeps its state in etcd: nothing in Kubernetes tells who leads, so the members are asked.</summary>
public sealed class EtcdTests(ITestOutputHelper output)
{
    private const string Name = "acid-minimal-cluster";

    [Fact]
    public Task A_rolling_update_converges_wherever_the_operator_dies()
    {
        Action<SimulatedPatroni> inEtcd = static patroni => patroni.KeepsStateInEtcd = true;
        return new CrashSuite(output).RunAsync(new CrashFlow("rolling update with etcd", static world =>
        {
            var edited = OperatorWorld.Manifest();
            edited["spec"]!["env"] = new JsonArray(new JsonObject { ["name"] = "COLOUR", ["value"] = "blue" });
            world.Apply(edited);
        })
        {
            Parameters = new OperatorParameters { EtcdHost = "etcd.default.svc:2379" },
            Furnish = world => inEtcd(world.Patroni),
            Prepared = world => inEtcd = world.Patroni.SaveEtcd(),
            Plugins = static (services, world) => services with { Patroni = new FakePatroniClient(world.Patroni, Name) },
            IsDone = static world => world.IsRunning() && world.PodLives.Values.All(l => l.Count == 2),
            LivesOf = static _ => 2,
            PatroniCalls = 1,
        });
    }

    [Fact]
    public async Task A_cluster_lives_its_whole_life_without_records_and_labels_in_kubernetes()
    {
        await using var world = await OperatorWorld.StartAsync(new OperatorParameters { EtcdHost = "etcd.default.svc:2379" });
        world.Patroni.KeepsStateInEtcd = true;
        var postgres = new SimulatedPostgres(() => null);
        var patroni = new FakePatroniClient(world.Patroni, Name);
        world.Plugins = services => services with
        {
            Patroni = patroni, Executors = [new PatroniChangeExecutor(patroni)],
            Databases = new DatabaseReconciler(postgres, time: world.Time, passwordBytes: services.PasswordBytes),
        };
        world.StartOperator();
        world.Apply(OperatorWorld.Manifest());
        await world.RunUntilAsync(() => world.IsRunning(), "the cluster runs");
        Assert.DoesNotContain(world.Server.Access.List(KubernetesKinds.Pod, OperatorWorld.Namespace), p => p["metadata"]!["labels"]!["spilo-role"] is not null);
        Assert.Contains($"primary is {Name}-0", world.Cluster()!.Status!.Conditions!.Single(c => c.Type == "Ready").Message, StringComparison.Ordinal);
        Assert.Contains(postgres.Contents, c => c.StartsWith("role foo_user ", StringComparison.Ordinal));

        // A setting goes through Patroni, and every member is restarted there.
        var manifest = OperatorWorld.Manifest();
        manifest["spec"]!["patroni"] = new JsonObject { ["ttl"] = 45 };
        world.Apply(manifest);
        await world.RunUntilAsync(() => (int?)world.Patroni.ConfigurationOf(OperatorWorld.Namespace, Name)!["ttl"] == 45 && world.IsRunning(), "the setting is in force");
        Assert.All(world.PodLives.Values, l => Assert.Single(l));

        // New pods: the replica first, one switchover, the former primary last.
        manifest["spec"]!["resources"] = new JsonObject { ["limits"] = new JsonObject { ["cpu"] = "2", ["memory"] = "1Gi" } };
        world.Apply(manifest);
        await world.RunUntilAsync(() => world.PodLives.Values.All(l => l.Count == 2) && world.IsRunning(), "all members are made again");
        Assert.Equal([$"switchover {Name}-0 -> {Name}-1"], patroni.Log.Where(l => l.StartsWith("switchover", StringComparison.Ordinal)));

        // A failover that nobody tells of is seen all the same.
        world.Patroni.SwitchOver(OperatorWorld.Namespace, Name, $"{Name}-0");
        await world.RunUntilAsync(() => world.Cluster()!.Status!.Conditions!.Single(c => c.Type == "Ready").Message!.Contains($"primary is {Name}-0", StringComparison.Ordinal), "the new primary is known", TimeSpan.FromMinutes(2));

        // While nobody answers nothing is decided that has to know the primary, and another operator starts from nothing.
        await world.StopOperatorAsync();
        world.StartOperator();
        manifest["spec"]!["numberOfInstances"] = 3;
        world.Apply(manifest);
        await world.RunUntilAsync(() => world.PodNames().Count == 3 && world.IsRunning(), "it grows");
        Assert.All(world.PodLives.Values, l => Assert.InRange(l.Count, 1, 2));
        Assert.True(patroni.Looks > 0);
    }
}
