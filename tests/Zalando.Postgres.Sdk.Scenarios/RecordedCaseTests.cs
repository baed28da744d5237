using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning.Databases;
using Zalando.Postgres.Sdk.Planning.Roles;
using Zalando.Postgres.Sdk.Planning.Tests.Golden;
using Zalando.Postgres.Sdk.Reconciliation.Databases;
using Zalando.Postgres.Sdk.Reconciliation.Patroni;
using Zalando.Postgres.Sdk.Reconciliation.Queue;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Scenarios.World;

namespace Zalando.Postgres.Sdk.Scenarios;

/// <summary>Every recorded configuration and manifest, with the whole operator: it gets to rest, and then costs nothing.</summary>
public sealed class RecordedCaseTests
{
    public static TheoryData<string> Cases => SharedFiles.Golden is null ? ["(corpus)"] : [.. GoldenCase.Names.Where(n => GoldenCase.Load(n).EndsRunning)];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_resync_and_a_restart_of_the_operator_make_no_request_and_change_nothing(string name)
    {
        if (SharedFiles.Golden is null) Assert.Skip(SharedFiles.Missing);
        var golden = GoldenCase.Load(name);
        await using var world = await OperatorWorld.StartAsync();
        world.Configuration.Replace(golden.Configuration());
        foreach (var item in golden.Pre) world.Server.Access.Create(world.Server.Access.Kinds.Single(k => k.Kind == (string?)item["kind"]), item);
        Provide(world, golden);
        await world.Server.Controllers!.SettleAsync(TestContext.Current.CancellationToken);
        var (space, cluster) = ((string)golden.ManifestNode["metadata"]!["namespace"]!, (string)golden.ManifestNode["metadata"]!["name"]!);
        var patroni = new FakePatroniClient(world.Patroni, cluster, () => world.Operator?.Client);
        var postgres = new SimulatedPostgres(() => world.Operator?.Client);
        foreach (var role in new[] { "admin", "robot_zmon", "zalandos" }) postgres.Set(new ObservedRole { Name = role, Attributes = RoleAttributes.LoginOnly with { Login = false } });
        world.Plugins = services => services with { Executors = [new PatroniChangeExecutor(patroni)], Databases = new DatabaseReconciler(postgres) };
        var first = world.StartOperator();
        world.Server.Access.Create(Postgresql.Descriptor, Unsaved(golden.ManifestNode));
        await world.RunUntilAsync(() => (string?)world.Server.Access.Get(Postgresql.Descriptor, space, cluster)!["status"]?["PostgresClusterStatus"] == "Running", name);
        await world.SettleAsync();

        var (calls, passes, statements, asked) = (first.Client.Calls, first.Engine.Passes, postgres.Log.Count, patroni.Log.Count);
        world.Server.RequestLog.Clear();
        first.Engine.EnqueueAll(ReconcilePriority.Resync);
        await world.SettleAsync();
        Assert.True(first.Engine.Passes > passes);
        AssertQuiet();
        // A stream waits for tables that somebody else makes: looking for them changes nothing.
        Assert.Equal([], first.Client.Log.Skip(calls).Where(c => golden.ManifestNode["spec"]!["streams"] is null || c != "observe databases"));

        // Whoever comes next finds everything as it has to be.
        await world.StopOperatorAsync();
        world.Server.RequestLog.Clear();
        var second = world.StartOperator();
        await world.RunUntilAsync(() => second.Engine.Passes > 0, "the second operator has looked");
        Assert.Equal([], world.Server.RequestLog.Snapshot().Where(r => r.IsWrite).Select(r => $"{r.Verb} {r.Path}"));
        Assert.Equal((statements, asked), (postgres.Log.Count, patroni.Log.Count));
        Assert.All(world.PodLives, p => Assert.Single(p.Value));
        Assert.All(world.Passwords, p => Assert.Single(p.Value));

        void AssertQuiet()
        {
            Assert.Equal([], world.Server.RequestLog.Snapshot().Where(r => r.IsWrite || r.Verb is "get" or "list").Select(r => $"{r.Verb} {r.Path}"));
            Assert.Equal((statements, asked), (postgres.Log.Count, patroni.Log.Count));
        }
    }

    // What the recorded cluster had and no file says: nodes that fit, and what pods mount.
    private static void Provide(OperatorWorld world, GoldenCase golden)
    {
        world.ChangeNode("node-1", node =>
        {
            foreach (var (key, value) in NodeLabels(golden)) node["metadata"]!["labels"]![key] = value;
        });
        if ((string?)golden.ManifestNode["spec"]!["pod_priority_class_name"] is { } priority)
            world.Server.Access.Create(KubernetesKinds.PriorityClass, new JsonObject { ["apiVersion"] = "scheduling.k8s.io/v1", ["kind"] = "PriorityClass", ["metadata"] = new JsonObject { ["name"] = priority }, ["value"] = 1000 });
        foreach (var volume in golden.ManifestNode["spec"]!["additionalVolumes"] as JsonArray ?? [])
        {
            var source = volume!["volumeSource"]!;
            if ((string?)source["configMap"]?["name"] is { } map) Create("v1", "ConfigMap", map, new JsonObject { ["data"] = new JsonObject { ["telegraf.conf"] = "" } });
            if ((string?)source["secret"]?["secretName"] is { } secret) Create("v1", "Secret", secret, []);
            if ((string?)source["persistentVolumeClaim"]?["claimName"] is { } claim)
                Create("v1", "PersistentVolumeClaim", claim, new JsonObject { ["spec"] = new JsonObject { ["accessModes"] = new JsonArray("ReadWriteMany"), ["resources"] = new JsonObject { ["requests"] = new JsonObject { ["storage"] = "1Gi" } } } });
        }

        void Create(string version, string kind, string name, JsonObject body)
        {
            (body["apiVersion"], body["kind"]) = (version, kind);
            body["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = (string)golden.ManifestNode["metadata"]!["namespace"]! };
            world.Server.Access.Create(world.Server.Access.Kinds.Single(k => k.Kind == kind), body);
        }
    }

    private static IEnumerable<(string Key, string Value)> NodeLabels(GoldenCase golden)
    {
        var terms = golden.ManifestNode["spec"]!["nodeAffinity"]?["requiredDuringSchedulingIgnoredDuringExecution"]?["nodeSelectorTerms"] as JsonArray ?? [];
        foreach (var rule in terms.SelectMany(t => t!["matchExpressions"] as JsonArray ?? []))
            yield return ((string)rule!["key"]!, (string?)rule["values"]?[0] ?? "");
        foreach (var (key, value) in OperatorSettings.From(golden.Configuration()).Kubernetes.NodeReadinessLabel) yield return (key, value);
    }

    private static JsonObject Unsaved(JsonObject manifest)
    {
        var result = (JsonObject)manifest.DeepClone();
        ((JsonObject)result["metadata"]!).Remove("uid");
        return result;
    }
}
