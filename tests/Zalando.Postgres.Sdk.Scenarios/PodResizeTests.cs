using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Reconciliation.Patroni;
using Zalando.Postgres.Sdk.Reconciliation.Queue;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Scenarios.World;
using Zalando.Postgres.Sdk.Testing.ApiServer.Faults;

namespace Zalando.Postgres.Sdk.Scenarios;

/// <summary>Changed amounts of cpu and memory reach running pods where that is possible, and pods are made again where it is not.</summary>
public sealed class PodResizeTests(ITestOutputHelper output)
{
    private const string Name = "acid-minimal-cluster";

    [Fact]
    public async Task More_cpu_reaches_running_pods_and_no_pod_is_made_again()
    {
        await using var world = await StartedAsync();
        world.Apply(With("200m"));
        await world.RunUntilAsync(() => world.IsRunning() && Given(world, "cpu").All(a => a == "200m") && Notes(world).Count == 0, "the pods are resized");
        await world.SettleAsync();
        Assert.All(world.PodLives.Values, l => Assert.Single(l));
        Assert.Empty(_patroni!.Log);
        Assert.Equal("200m", Template(world));
        Assert.Contains(world.Server.RequestLog.Snapshot(), r => r is { Verb: "patch", Resource: "pods/resize" });
        Assert.Contains(world.Server.Access.List(KubernetesKinds.Event, "default"), e => ((string)e["message"]!).Contains("resize pod default/" + Name, StringComparison.Ordinal));
        var calls = world.Operator!.Client.Calls;
        world.Operator.Engine.EnqueueAll(ReconcilePriority.Resync);
        await world.SettleAsync();
        Assert.Equal(calls, world.Operator.Client.Calls);
        world.Apply(With("100m"));
        await world.RunUntilAsync(() => world.IsRunning() && Given(world, "cpu").All(a => a == "100m") && Notes(world).Count == 0, "the pods are resized back");
        Assert.All(world.PodLives.Values, l => Assert.Single(l));
    }

    [Theory]
    [InlineData("memory", null, 2)]
    [InlineData("memory", "cpu-and-memory", 1)]
    [InlineData("less memory", "cpu-and-memory", 2)]
    [InlineData("cpu", "never", 2)]
    [InlineData("cpu", "sometimes", 2)]
    [InlineData("cpu and a variable", null, 2)]
    [InlineData("another class of service", null, 2)]
    public async Task What_does_not_go_in_place_makes_each_pod_again_once(string change, string? policy, int lives)
    {
        await using var world = await StartedAsync();
        if (policy is not null)
        {
            var cluster = world.Server.Access.Get(Postgresql.Descriptor, "default", Name)!;
            cluster["metadata"]!["annotations"] = new JsonObject { [RestartAnnotations.Resize] = policy };
            world.Server.Access.Update(Postgresql.Descriptor, cluster);
            await world.SettleAsync();
        }

        var manifest = With(change.StartsWith("cpu", StringComparison.Ordinal) ? "200m" : "100m");
        var resources = manifest["spec"]!["resources"]!;
        if (change == "memory") resources["limits"]!["memory"] = "2Gi";
        if (change == "less memory") resources["limits"]!["memory"] = "600Mi";
        if (change == "cpu and a variable") manifest["spec"]!["env"] = new JsonArray(new JsonObject { ["name"] = "COLOUR", ["value"] = "blue" });
        if (change == "another class of service") (resources["requests"]!["cpu"], resources["requests"]!["memory"]) = ("2", "1Gi");
        world.Apply(manifest);
        await world.RunUntilAsync(() => world.IsRunning() && world.PodLives.Values.All(l => l.Count == lives) && Notes(world).Count == 0
            && (lives > 1 || Limit(world).All(m => m == "2Gi")), "the pods have what they shall have");
        await world.SettleAsync();
        Assert.All(world.PodLives.Values, l => Assert.Equal(lives, l.Count));
    }

    [Fact]
    public async Task A_server_without_the_subresource_gets_new_pods()
    {
        await using var world = await StartedAsync(servesPodResize: false);
        world.Apply(With("200m"));
        await world.RunUntilAsync(() => world.IsRunning() && world.PodLives.Values.All(l => l.Count == 2), "the pods are made again");
        Assert.DoesNotContain(world.Operator!.Client.Log, c => c.EndsWith(" resize", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_server_that_refuses_is_quoted_and_the_pods_are_made_again()
    {
        await using var world = await StartedAsync();
        world.Server.Faults.Add(new InjectedFault { Verb = "patch", Resource = "pods/resize", Code = 403, Message = "resizing is not for you", Count = 100 });
        world.Apply(With("200m"));
        await world.RunUntilAsync(() => world.IsRunning() && world.PodLives.Values.All(l => l.Count == 2), "the pods are made again");
        Assert.Contains(History(world), e => e.Contains("make pod", StringComparison.Ordinal) && e.Contains("resizing is not for you", StringComparison.Ordinal));
        Assert.Empty(Notes(world));
    }

    [Fact]
    public async Task A_node_that_is_too_small_is_quoted_and_the_pods_are_made_again()
    {
        await using var world = await StartedAsync();
        world.Apply(With("100", "100"));
        await world.RunUntilAsync(() => world.IsRunning() && world.PodLives.Values.All(l => l.Count == 2), "the pods are made again");
        Assert.Contains(History(world), e => e.Contains("make pod", StringComparison.Ordinal) && e.Contains("Node didn't have enough capacity: cpu", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_node_without_room_now_is_waited_for_and_then_the_pod_is_made_again(bool roomComes)
    {
        await using var world = await StartedAsync();
        world.Server.Access.Create(KubernetesKinds.Pod, new JsonObject
        {
            ["apiVersion"] = "v1", ["kind"] = "Pod", ["metadata"] = new JsonObject { ["name"] = "neighbour", ["namespace"] = "default" },
            ["spec"] = new JsonObject { ["containers"] = new JsonArray(new JsonObject { ["name"] = "big", ["image"] = "big", ["resources"] = new JsonObject { ["requests"] = new JsonObject { ["cpu"] = "63" } } }) },
        });
        await world.SettleAsync();
        world.Apply(With("900m"));
        await world.RunUntilAsync(() => world.Cluster()!.Status!.Pending?.Any(p => p.WaitsFor == "PodResize") == true, "the node has no room");
        var waiting = world.Cluster()!.Status!.Pending!.First(p => p.WaitsFor == "PodResize");
        Assert.Contains("Node didn't have enough resource: cpu", waiting.Message, StringComparison.Ordinal);
        Assert.Equal("Updating", world.Cluster()!.Status!.PostgresClusterStatus);
        if (roomComes) world.Server.Access.Delete(KubernetesKinds.Pod, "default", "neighbour");
        await world.RunUntilAsync(() => world.IsRunning() && Given(world, "cpu").Count == 2 && Given(world, "cpu").All(a => a == "900m") && Notes(world).Count == 0, "the pods have it");
        await world.SettleAsync();
        var made = world.PodLives.Where(l => l.Key != "neighbour").Sum(l => l.Value.Count);
        if (roomComes) Assert.Equal(2, made);
        else Assert.InRange(made, 3, 4);
    }

    [Fact]
    public async Task Amounts_that_somebody_else_gave_a_pod_are_left_alone()
    {
        await using var world = await StartedAsync();
        var pod = world.Server.Access.Get(KubernetesKinds.Pod, "default", Name + "-1")!;
        pod["spec"]!["containers"]![0]!["resources"]!["requests"]!["cpu"] = "333m";
        world.Server.Access.Update(KubernetesKinds.Pod, pod, "resize");
        await world.SettleAsync();
        world.Operator!.Engine.EnqueueAll(ReconcilePriority.Resync);
        await world.SettleAsync();
        Assert.Contains("333m", Given(world, "cpu"));
        Assert.All(world.PodLives.Values, l => Assert.Single(l));
    }

    [Fact]
    public Task Pods_are_resized_once_wherever_the_operator_dies() => new CrashSuite(output).RunAsync(new CrashFlow("resize", static world => world.Apply(With("200m")))
    {
        Prepare = static world => world.Apply(With("100m")),
        IsDone = static world => world.IsRunning() && Given(world, "cpu").All(a => a == "200m") && Notes(world).Count == 0,
    });

    private FakePatroniClient? _patroni;

    private async Task<OperatorWorld> StartedAsync(bool servesPodResize = true)
    {
        var world = await OperatorWorld.StartAsync(servesPodResize: servesPodResize);
        _patroni = new FakePatroniClient(world.Patroni, Name, () => world.Operator?.Client);
        world.Plugins = services => services with { Executors = [new PatroniChangeExecutor(_patroni)] };
        world.StartOperator();
        world.Apply(With("100m"));
        await world.RunUntilAsync(() => world.IsRunning(), "the cluster runs");
        await world.SettleAsync();
        return world;
    }

    private static JsonObject With(string cpu, string limit = "2")
    {
        var manifest = OperatorWorld.Manifest();
        manifest["spec"]!["resources"] = new JsonObject
        {
            ["requests"] = new JsonObject { ["cpu"] = cpu, ["memory"] = "500Mi" }, ["limits"] = new JsonObject { ["cpu"] = limit, ["memory"] = "1Gi" },
        };
        return manifest;
    }

    private static IReadOnlyList<JsonObject> Members(OperatorWorld world) => [.. world.Server.Access.List(KubernetesKinds.Pod, "default").Where(p => (string?)p["metadata"]!["labels"]?["cluster-name"] == Name)];

    // What the kubelet says that the containers have, not what they ask for.
    private static IReadOnlyList<string?> Given(OperatorWorld world, string resource) => [.. Members(world).Select(p => (string?)p["status"]!["containerStatuses"]?[0]?["resources"]?["requests"]?[resource])];

    private static IReadOnlyList<string?> Limit(OperatorWorld world) => [.. Members(world).Select(p => (string?)p["status"]!["containerStatuses"]?[0]?["resources"]?["limits"]?["memory"])];

    private static IReadOnlyList<string> Notes(OperatorWorld world) => [.. Members(world).Select(p => (string?)p["metadata"]!["annotations"]?[PodNotes.ResizeInPlace]).OfType<string>()];

    private static string? Template(OperatorWorld world) =>
        (string?)world.Server.Access.Get(KubernetesKinds.StatefulSet, "default", Name)!["spec"]!["template"]!["spec"]!["containers"]![0]!["resources"]!["requests"]!["cpu"];

    private static IReadOnlyList<string> History(OperatorWorld world) =>
        [.. Reconciliation.History.ClusterHistory.Read(world.Server.Access.Get(KubernetesKinds.ConfigMap, "default", Reconciliation.History.ClusterHistory.NameOf(Name))).Select(e => $"{e.Change}: {string.Join(", ", e.Causes)}")];
}
