using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Scenarios.World;

namespace Zalando.Postgres.Sdk.Scenarios;

/// <summary>Kills the operator right before and right after each of its calls to the API server, Patroni and PostgreSQL and each event of its watches; another one takes
/// over, and the end must be the same.</summary>
public sealed class CrashTests(ITestOutputHelper output)
{
    private const string Cluster = CrashSuite.Cluster;

    [Fact]
    public Task Creation_converges_wherever_the_operator_dies() => new CrashSuite(output).RunAsync(new CrashFlow("create", static world => world.Apply(OperatorWorld.Manifest()))
    {
        Prepare = null,
        CountsStart = true,
        IsDone = static world => world.IsRunning() && world.PodNames().Count == 2,
    });

    [Fact]
    public Task Scaling_out_converges_wherever_the_operator_dies() => new CrashSuite(output).RunAsync(new CrashFlow("scale out", static world => world.Apply(OperatorWorld.Manifest(instances: 3)))
    {
        IsDone = static world => world.IsRunning() && world.PodNames().Count == 3,
    });

    [Fact]
    public Task Scaling_in_converges_wherever_the_operator_dies() => new CrashSuite(output).RunAsync(new CrashFlow("scale in", static world => world.Apply(OperatorWorld.Manifest(instances: 1)))
    {
        Prepare = static world => world.Apply(OperatorWorld.Manifest(instances: 3)),
        IsDone = static world => world.IsRunning() && world.PodNames().Count == 1,
    });

    [Fact]
    public Task New_roles_and_databases_converge_wherever_the_operator_dies() => new CrashSuite(output).RunAsync(new CrashFlow("roles and databases", static world =>
    {
        var edited = OperatorWorld.Manifest();
        edited["spec"]!["users"]!["bar_user"] = new JsonArray("createdb");
        edited["spec"]!["databases"]!["bar"] = "bar_user";
        edited["spec"]!["databases"]!["foo"] = "bar_user";
        world.Apply(edited);
    })
    {
        IsDone = static world => world.IsRunning() && world.Passwords.Keys.Any(k => k.StartsWith("bar-user.", StringComparison.Ordinal)),
    });

    [Fact]
    public Task A_changed_parameter_converges_wherever_the_operator_dies() => new CrashSuite(output).RunAsync(new CrashFlow("parameter change", static world =>
    {
        var edited = OperatorWorld.Manifest();
        edited["spec"]!["patroni"] = new JsonObject { ["ttl"] = 40 };
        world.Apply(edited);
    })
    {
        IsDone = static world => world.IsRunning() && world.Server.Access.Get(KubernetesKinds.ConfigMap, OperatorWorld.Namespace, Cluster + "-config")!.ToJsonString().Contains("40", StringComparison.Ordinal),
        PatroniCalls = 1,
    });

    [Fact]
    public Task New_streams_converge_wherever_the_operator_dies() => new CrashSuite(output).RunAsync(new CrashFlow("streams made", static world => world.Apply(WithStreams("a-app", "b-app")))
    {
        IsDone = static world => world.IsRunning() && Streams(world) == 2,
        IsSound = AreStreamsInOrder,
        PatroniCalls = 2,
    });

    [Fact]
    public Task Streams_that_leave_converge_wherever_the_operator_dies() => new CrashSuite(output).RunAsync(new CrashFlow("streams removed", static world => world.Apply(OperatorWorld.Manifest()))
    {
        Prepare = static world => world.Apply(WithStreams("a-app", "b-app")),
        IsPrepared = static world => world.IsRunning() && Streams(world) == 2,
        IsDone = static world => world.IsRunning() && Streams(world) == 0 && Slots(world).Count == 0,
        IsSound = AreStreamsInOrder,
        HasEnded = static postgres => postgres.Publications.Count == 0,
        PatroniCalls = 1,
        MostPatroniCalls = 2,
    });

    [Fact]
    public Task Streams_of_other_tables_converge_wherever_the_operator_dies() => new CrashSuite(output).RunAsync(new CrashFlow("tables of a stream", static world =>
    {
        var edited = WithStreams("a-app");
        edited["spec"]!["streams"]![0]!["tables"] = new JsonObject { ["returns"] = new JsonObject { ["eventType"] = "return" } };
        world.Apply(edited);
    })
    {
        Prepare = static world => world.Apply(WithStreams("a-app")),
        IsPrepared = static world => world.IsRunning() && Streams(world) == 1,
        IsDone = static world => world.IsRunning() && Tables(world).SequenceEqual([("fes_foo_a_app", "public.returns")]),
        IsSound = static (world, postgres) =>
        {
            AreStreamsInOrder(world, postgres);
            Assert.All(Tables(world), t => Assert.Contains(t.Table, postgres.TablesOf(t.Slot)));
        },
        HasEnded = static postgres => postgres.TablesOf("fes_foo_a_app") is ["public.returns"],
    });

    private static IEnumerable<(string Slot, string Table)> Tables(OperatorWorld world) => world.Server.Access.List(FabricEventStream.Descriptor, OperatorWorld.Namespace)
        .SelectMany(o => (JsonArray)o["spec"]!["eventStreams"]!).Select(e => ((string)e!["source"]!["jdbcConnection"]!["slotName"]!, $"{e["source"]!["schema"]}.{e["source"]!["table"]!["name"]}"));

    private static JsonObject WithStreams(params string[] applications)
    {
        var manifest = OperatorWorld.Manifest();
        manifest["spec"]!["streams"] = new JsonArray([.. applications.Select(a => (JsonNode)new JsonObject
        {
            ["applicationId"] = a, ["database"] = "foo", ["tables"] = new JsonObject { ["orders"] = new JsonObject { ["eventType"] = "order" } },
        })]);
        return manifest;
    }

    private static int Streams(OperatorWorld world) => world.Server.Access.List(FabricEventStream.Descriptor, OperatorWorld.Namespace).Count;

    private static HashSet<string> Slots(OperatorWorld world)
    {
        var config = (string?)world.Server.Access.Get(KubernetesKinds.ConfigMap, OperatorWorld.Namespace, Cluster + "-config")?["metadata"]?["annotations"]?["config"];
        return [.. (config is null ? null : JsonNode.Parse(config)!["slots"] as JsonObject ?? [])?.Select(s => s.Key) ?? []];
    }

    // Whoever reads has a slot, and every slot has its publication, at any moment.
    private static void AreStreamsInOrder(OperatorWorld world, SimulatedPostgres postgres)
    {
        var slots = Slots(world);
        Assert.Superset(slots, postgres.Publications.ToHashSet(StringComparer.Ordinal));
        Assert.All(world.Server.Access.List(FabricEventStream.Descriptor, OperatorWorld.Namespace), o => Assert.Contains("fes_foo_" + ((string)o["spec"]!["applicationId"]!).Replace('-', '_'), slots));
    }

    [Fact]
    public Task A_rolling_update_converges_wherever_the_operator_dies() => new CrashSuite(output).RunAsync(new CrashFlow("rolling update", static world =>
    {
        var edited = OperatorWorld.Manifest();
        edited["spec"]!["env"] = new JsonArray(new JsonObject { ["name"] = "COLOUR", ["value"] = "blue" });
        world.Apply(edited);
    })
    {
        IsDone = static world => world.IsRunning() && world.PodLives.Values.All(l => l.Count == 2),
        LivesOf = static _ => 2,
        PatroniCalls = 1,
    });

    [Fact]
    public Task A_repair_converges_wherever_the_operator_dies() => new CrashSuite(output).RunAsync(new CrashFlow("repair", static world =>
    {
        world.Server.Access.Delete(KubernetesKinds.Service, OperatorWorld.Namespace, Cluster + "-repl");
        world.Server.Access.Delete(KubernetesKinds.PodDisruptionBudget, OperatorWorld.Namespace, $"postgres-{Cluster}-pdb");
        var statefulSet = world.Server.Access.Get(KubernetesKinds.StatefulSet, OperatorWorld.Namespace, Cluster)!;
        ((JsonObject)statefulSet["metadata"]!["labels"]!).Remove("team");
        world.Server.Access.Update(KubernetesKinds.StatefulSet, statefulSet);
    })
    {
        IsDone = static world => world.IsRunning() && world.Server.Access.Get(KubernetesKinds.Service, OperatorWorld.Namespace, Cluster + "-repl") is not null
            && world.Server.Access.Get(KubernetesKinds.PodDisruptionBudget, OperatorWorld.Namespace, $"postgres-{Cluster}-pdb") is not null
            && world.Server.Access.Get(KubernetesKinds.StatefulSet, OperatorWorld.Namespace, Cluster)!["metadata"]!["labels"]!["team"] is not null,
    });

    [Fact]
    public Task Taking_over_what_is_there_converges_wherever_the_operator_dies() => new CrashSuite(output).RunAsync(new CrashFlow("adopt", static world => world.Apply(OperatorWorld.Manifest()))
    {
        // Everything of the cluster is there, its manifest is not: as after a protected deletion.
        Prepared = static world => world.Server.Access.Delete(Postgresql.Descriptor, OperatorWorld.Namespace, Cluster),
        IsDone = static world => world.IsRunning(),
    });
}
