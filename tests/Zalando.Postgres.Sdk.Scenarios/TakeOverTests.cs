using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Zalando.Postgres.Sdk.Kubernetes.Yaml;
using Zalando.Postgres.Sdk.Planning.Tests.Golden;
using Zalando.Postgres.Sdk.Reconciliation.Patroni;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Resources.Schemas;
using Zalando.Postgres.Sdk.Scenarios.World;

namespace Zalando.Postgres.Sdk.Scenarios;

/// <summary>The operator is started on what the reference has left behind: no pod is made again, nothing is deleted or replaced.</summary>
public sealed partial class TakeOverTests
{
    // Those without databases, whose roles would have to be there too, and that ended as running clusters.
    public static TheoryData<string> Cases => SharedFiles.Golden is null ? ["(corpus)"]
        : [.. GoldenCase.Names.Where(n => !n.EndsWith("-db", StringComparison.Ordinal) && GoldenCase.Load(n).EndsRunning)];

    [Theory]
    [MemberData(nameof(Cases))]
    public Task A_cluster_of_version_2_is_taken_over_and_no_pod_is_made_again(string name) => TakeOverAsync(name, static text => text);

    [Theory]
    [InlineData("minimal")]
    [InlineData("endpoints-mode")]
    [InlineData("v115-manifest")]
    public Task A_cluster_of_version_1_15_is_taken_over_and_no_pod_is_made_again(string name) => TakeOverAsync(name, static text => text
        .Replace("{\"auth-host\":\"scram-sha-256\"}", "{\"auth-host\":\"md5\"}", StringComparison.Ordinal).Replace("maxUnavailable: 0\n", "minAvailable: 2\n", StringComparison.Ordinal));

    private static async Task TakeOverAsync(string name, Func<string, string> former)
    {
        if (SharedFiles.Golden is null) Assert.Skip(SharedFiles.Missing);
        var golden = GoldenCase.Load(name);
        var state = Path.GetTempFileName();
        var objects = Objects(golden, former);
        var manifest = objects.Single(o => (string?)o["kind"] == "postgresql");
        var (space, cluster) = ((string)manifest["metadata"]!["namespace"]!, (string)manifest["metadata"]!["name"]!);
        await File.WriteAllTextAsync(
            state, KubernetesYaml.WriteAll([.. CustomResourceDefinitions.All.Select(d => (JsonNode)CustomResourceDefinitions.ToJson(d)), .. objects]), TestContext.Current.CancellationToken);
        try
        {
            await using var world = await OperatorWorld.StartAsync(stateFile: state);
            world.Configuration.Replace(golden.Configuration());
            world.Patroni.UsesEndpoints = objects.Any(o => (string?)o["kind"] == "Endpoints" && o["metadata"]!["annotations"]?["config"] is not null);
            var patroni = new FakePatroniClient(world.Patroni, cluster);
            world.Plugins = services => services with { Executors = [new PatroniChangeExecutor(patroni)] };
            var before = Uids(world);
            Assert.NotEmpty(before);
            var process = world.StartOperator();
            await world.SettleAsync();
            process.Engine.EnqueueAll(Reconciliation.Queue.ReconcilePriority.Resync);
            await world.RunUntilAsync(() => (string?)world.Server.Access.Get(Postgresql.Descriptor, space, cluster)!["status"]?["PostgresClusterStatus"] == "Running", "it runs");
            await world.SettleAsync();
            Assert.Equal(before, Uids(world));
            Assert.Empty(world.PodLives);
            Assert.DoesNotContain(process.Client.Log, c => c.StartsWith("delete", StringComparison.Ordinal) || c.StartsWith("replace", StringComparison.Ordinal));
            Assert.DoesNotContain(patroni.Log, c => !c.StartsWith("patch", StringComparison.Ordinal));
            var budget = world.Server.Access.Get(KubernetesKinds.PodDisruptionBudget, space, $"postgres-{cluster}-critical-op-pdb");
            Assert.Null(budget?["spec"]!["minAvailable"]);
        }
        finally
        {
            File.Delete(state);
        }
    }

    private static IReadOnlyList<string> Uids(OperatorWorld world) =>
    [
        .. ((KubernetesKind[])[KubernetesKinds.Pod, KubernetesKinds.StatefulSet, KubernetesKinds.Service, KubernetesKinds.PersistentVolumeClaim, KubernetesKinds.Secret, KubernetesKinds.Deployment, KubernetesKinds.CronJob])
            .SelectMany(k => world.Server.Access.List(k, null).Select(o => $"{k.Kind} {o["metadata"]!["namespace"]}/{o["metadata"]!["name"]} {o["metadata"]!["uid"]}")),
    ];

    private static List<JsonObject> Objects(GoldenCase golden, Func<string, string> former)
    {
        var objects = new List<JsonObject>();
        var number = 0;
        foreach (var stored in golden.StoredTexts())
        {
            number++;
            var text = former(stored)
                .Replace("\"<lsn>\"", "1000", StringComparison.Ordinal).Replace("<lsn>", "1000", StringComparison.Ordinal)
                .Replace("<pod-ip>", $"10.244.9.{number}", StringComparison.Ordinal).Replace("<cluster-ip>", $"10.96.9.{number}", StringComparison.Ordinal)
                .Replace("<node-ip>", "192.168.0.1", StringComparison.Ordinal).Replace("<node>", "node-1", StringComparison.Ordinal).Replace("<random>", "abcde", StringComparison.Ordinal)
                .Replace("<timestamp>", "2026-01-01T00:00:00Z", StringComparison.Ordinal).Replace("<revision>", "5d8f", StringComparison.Ordinal).Replace("<system-id>", "7000", StringComparison.Ordinal)
                .Replace("<password>", Convert.ToBase64String("kept"u8), StringComparison.Ordinal);
            text = NodePort().Replace(text, _ => (31000 + number).ToString(CultureInfo.InvariantCulture));
            text = Uid().Replace(text, m => UidOf(m.Groups[1].Value));
            foreach (var item in KubernetesYaml.Parse(text))
            {
                var metadata = (JsonObject)item["metadata"]!;
                var kind = (string)item["kind"]!;
                if (kind is not ("Namespace" or "Node" or "StorageClass" or "PersistentVolume" or "ClusterRole" or "ClusterRoleBinding")) metadata["namespace"] ??= "default";
                metadata["uid"] ??= UidOf($"{kind.ToLowerInvariant()}/{metadata["name"]}");
                metadata["creationTimestamp"] ??= "2026-01-01T00:00:00Z";
                metadata["resourceVersion"] ??= (1000 + objects.Count).ToString(CultureInfo.InvariantCulture);
                objects.Add(GoldenCase.WithData(item));
            }
        }

        foreach (var space in objects.Select(o => (string?)o["metadata"]!["namespace"]).OfType<string>().Distinct(StringComparer.Ordinal).Where(n => n != "default").ToArray())
        {
            if (objects.Any(o => (string?)o["kind"] == "Namespace" && (string?)o["metadata"]!["name"] == space)) continue;
            objects.Add(new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Namespace", ["metadata"] = new JsonObject { ["name"] = space, ["uid"] = UidOf("namespace/" + space), ["resourceVersion"] = "999" } });
        }

        return objects;
    }

    private static string UidOf(string name) => new Guid(SHA256.HashData(Encoding.UTF8.GetBytes(name)).AsSpan(0, 16)).ToString();

    [GeneratedRegex("'?<node-port>'?")]
    private static partial Regex NodePort();

    [GeneratedRegex("<uid:([^>]*)>")]
    private static partial Regex Uid();
}
