using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Reconciliation.Databases;
using Zalando.Postgres.Sdk.Reconciliation.Patroni;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Scenarios.World;

namespace Zalando.Postgres.Sdk.Scenarios;

/// <summary>Kills the operator right before and right after each of its calls to the API server, Patroni and PostgreSQL; another one takes over, and the end must
/// be the same.</summary>
public sealed class CrashTests(ITestOutputHelper output)
{
    private const string Cluster = "acid-minimal-cluster";

    [Fact]
    public Task Creation_converges_wherever_the_operator_dies() => EverywhereAsync(new Flow("create", static world => world.Apply(OperatorWorld.Manifest()))
    {
        Prepare = null,
        CountsFirstLists = true,
        IsDone = static world => world.IsRunning() && world.PodNames().Count == 2,
    });

    [Fact]
    public Task Scaling_out_converges_wherever_the_operator_dies() => EverywhereAsync(new Flow("scale out", static world => world.Apply(OperatorWorld.Manifest(instances: 3)))
    {
        IsDone = static world => world.IsRunning() && world.PodNames().Count == 3,
    });

    [Fact]
    public Task Scaling_in_converges_wherever_the_operator_dies() => EverywhereAsync(new Flow("scale in", static world => world.Apply(OperatorWorld.Manifest(instances: 1)))
    {
        Prepare = static world => world.Apply(OperatorWorld.Manifest(instances: 3)),
        IsDone = static world => world.IsRunning() && world.PodNames().Count == 1,
    });

    [Fact]
    public Task New_roles_and_databases_converge_wherever_the_operator_dies() => EverywhereAsync(new Flow("roles and databases", static world =>
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
    public Task A_changed_parameter_converges_wherever_the_operator_dies() => EverywhereAsync(new Flow("parameter change", static world =>
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
    public Task New_streams_converge_wherever_the_operator_dies() => EverywhereAsync(new Flow("streams made", static world => world.Apply(WithStreams("a-app", "b-app")))
    {
        IsDone = static world => world.IsRunning() && Streams(world) == 2,
        IsSound = AreStreamsInOrder,
        PatroniCalls = 2,
    });

    [Fact]
    public Task Streams_that_leave_converge_wherever_the_operator_dies() => EverywhereAsync(new Flow("streams removed", static world => world.Apply(OperatorWorld.Manifest()))
    {
        Prepare = static world => world.Apply(WithStreams("a-app", "b-app")),
        IsPrepared = static world => Streams(world) == 2,
        IsDone = static world => world.IsRunning() && Streams(world) == 0 && Slots(world).Count == 0,
        IsSound = AreStreamsInOrder,
        HasEnded = static postgres => postgres.Publications.Count == 0,
        PatroniCalls = 3,
        MostPatroniCalls = 4,
    });

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
    public Task A_rolling_update_converges_wherever_the_operator_dies() => EverywhereAsync(new Flow("rolling update", static world =>
    {
        var edited = OperatorWorld.Manifest();
        edited["spec"]!["env"] = new JsonArray(new JsonObject { ["name"] = "COLOUR", ["value"] = "blue" });
        world.Apply(edited);
    })
    {
        IsDone = static world => world.IsRunning() && world.PodLives.Values.All(l => l.Count == 2),
        Lives = 2,
        PatroniCalls = 1,
    });

    [Fact]
    public Task A_repair_converges_wherever_the_operator_dies() => EverywhereAsync(new Flow("repair", static world =>
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
    public Task Taking_over_what_is_there_converges_wherever_the_operator_dies() => EverywhereAsync(new Flow("adopt", static world => world.Apply(OperatorWorld.Manifest()))
    {
        // Everything of the cluster is there, its manifest is not: as after a protected deletion.
        Prepared = static world => world.Server.Access.Delete(Postgresql.Descriptor, OperatorWorld.Namespace, Cluster),
        IsDone = static world => world.IsRunning(),
    });

    private async Task EverywhereAsync(Flow flow)
    {
        var (calls, wanted) = await RunAsync(0, killAfter: false);
        Assert.True(calls > 0);
        for (var at = 1; at <= calls; at++)
        {
            foreach (var after in new[] { false, true })
            {
                var (_, found) = await RunAsync(at, after);
                Assert.Equal(wanted, found);
            }
        }

        var line = $"{flow.Name}: {calls} calls, {2 * calls} crashes, all with the same end";
        output.WriteLine(line);
        Console.WriteLine("measured: " + line);

        async Task<(int Calls, IReadOnlyList<string> End)> RunAsync(int killAt, bool killAfter)
        {
            await using var world = await OperatorWorld.StartAsync();
            var patroni = new FakePatroniClient(world.Patroni, Cluster, () => world.Operator?.Client);
            var postgres = new SimulatedPostgres(() => world.Operator?.Client);
            world.Plugins = services => services with { Executors = [new PatroniChangeExecutor(patroni)], Databases = new DatabaseReconciler(postgres) };
            if (flow.Prepare is not null)
            {
                flow.Prepare(world);
                world.StartOperator();
                await world.RunUntilAsync(() => world.IsRunning() && flow.IsPrepared(world), "the cluster runs before");
                await world.SettleAsync();
                await world.StopOperatorAsync();
                flow.Prepared?.Invoke(world);
            }

            world.CountFirstLists = flow.CountsFirstLists;
            var first = world.StartOperator(killAt, killAfter);
            flow.Begin(world);
            await world.RunUntilAsync(() => flow.IsDone(world) && flow.HasEnded(postgres), flow.Name);
            await world.SettleAsync();
            var made = first.Client.Calls;
            flow.IsSound?.Invoke(world, postgres);
            if (killAt > 0)
            {
                await world.StopOperatorAsync();
                world.CountFirstLists = false;
                world.StartOperator();
                await world.RunUntilAsync(() => flow.IsDone(world) && flow.HasEnded(postgres), $"{flow.Name} after a crash {(killAfter ? "after" : "before")} call {killAt} ({first.Client.Log.LastOrDefault()})");
                await world.SettleAsync();
            }

            Assert.All(world.PodLives, p => Assert.Equal(flow.Lives, p.Value.Count));
            // The same patch may be sent again before the watch shows the first; it changes nothing.
            var asked = patroni.Log.Where((c, i) => i == 0 || !c.StartsWith("patch ", StringComparison.Ordinal) || patroni.Log[i - 1] != c).ToArray();
            Assert.True(asked.Length >= flow.PatroniCalls && asked.Length <= Math.Max(flow.PatroniCalls, flow.MostPatroniCalls), string.Join("; ", asked));
            Assert.All(world.Passwords, p => Assert.Single(p.Value));
            Assert.Empty(postgres.Log.GroupBy(c => c.ToString(), StringComparer.Ordinal).Where(g => g.Count() > 1).Select(g => g.Key));
            return (made, [.. world.Snapshot().Select(s => $"{s.Key}: {s.Value}"), .. postgres.Contents]);
        }
    }

    private sealed record Flow(string Name, Action<OperatorWorld> Begin)
    {
        public required Func<OperatorWorld, bool> IsDone { get; init; }

        public Action<OperatorWorld>? Prepare { get; init; } = static world => world.Apply(OperatorWorld.Manifest());

        public Func<OperatorWorld, bool> IsPrepared { get; init; } = static _ => true;

        /// <summary>Whether the server has got all that it has to get.</summary>
        public Func<SimulatedPostgres, bool> HasEnded { get; init; } = static _ => true;

        /// <summary>What must hold whenever the operator has died.</summary>
        public Action<OperatorWorld, SimulatedPostgres>? IsSound { get; init; }

        /// <summary>What happens between the two operators.</summary>
        public Action<OperatorWorld>? Prepared { get; init; }

        public bool CountsFirstLists { get; init; }

        public int Lives { get; init; } = 1;

        public int PatroniCalls { get; init; }

        /// <summary>Where a death in between may divide one call into several.</summary>
        public int MostPatroniCalls { get; init; }
    }
}
