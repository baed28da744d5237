using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Kubernetes.Yaml;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Resources.Schemas;
using Zalando.Postgres.Sdk.Testing.ApiServer;

namespace Zalando.Postgres.Cli.Tests.Crds;

/// <summary>Our definitions on an API server: same verdicts and same stored objects as the recorded ones, and nothing lost when they replace the reference's.</summary>
public sealed class DefinitionsOnApiServerTests
{
    private const string Definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

    [Theory]
    [InlineData("crd-postgresql.jsonl")]
    [InlineData("crd-postgresql-invalid.jsonl")]
    [InlineData("crd-operatorconfiguration.jsonl")]
    [InlineData("crd-postgresteam.jsonl")]
    public async Task Recorded_objects_get_the_recorded_verdict_and_are_stored_the_same(string file)
    {
        if (TestFiles.Shared($"apiserver-transcripts/{file}") is not { } path)
        {
            Assert.Skip("The recorded answers (../shared/apiserver-transcripts) are not here; the fixtures of our own are tested below.");
            return;
        }

        await using var server = await ApiServer.StartAsync();
        await server.InstallAsync();
        var namespaces = new HashSet<string>(StringComparer.Ordinal) { "default" };
        var differences = new List<string>();
        var replayed = 0;
        foreach (var step in File.ReadLines(path).Select(static l => JsonNode.Parse(l)!))
        {
            var request = step["request"]!;
            var target = (string)request["path"]!;
            // Definitions are ours; reads are the matter of the server's own tests; what has no schema in the reference has one here.
            if ((string?)request["method"] is not ("POST" or "PATCH" or "PUT" or "DELETE") || !target.StartsWith("/apis/acid.zalan.do/v1/namespaces/", StringComparison.Ordinal) || target.EndsWith("/status", StringComparison.Ordinal)) continue;
            var recorded = (int)step["response"]!["code"]!;
            var place = target.Split('/')[5];
            if (namespaces.Add(place)) await server.SendAsync(HttpMethod.Post, "/api/v1/namespaces", new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Namespace", ["metadata"] = new JsonObject { ["name"] = place } });
            var query = request["query"] is JsonObject parameters ? "?" + string.Join('&', parameters.Select(static p => $"{p.Key}={p.Value}")) : "";
            var (code, answer) = await server.SendAsync(new HttpMethod((string)request["method"]!), target + query, request["body"], null, (string?)request["headers"]?["content-type"]);
            replayed++;
            if (recorded != (int)code) differences.Add($"{step["note"]}: recorded {recorded}, here {(int)code} {answer?["message"]}");
            else if (recorded is 200 or 201 && (string?)request["method"] != "DELETE")
            {
                foreach (var part in new[] { "spec", "configuration" })
                {
                    if (!JsonNode.DeepEquals(answer![part], step["response"]!["body"]![part])) differences.Add($"{step["note"]}: {part} recorded {step["response"]!["body"]![part]?.ToJsonString()}, here {answer[part]?.ToJsonString()}");
                }
            }
        }

        Assert.Empty(differences);
        Assert.True(replayed > 10, $"{replayed} requests replayed");
    }

    public static TheoryData<string> Verdicts => [.. File.ReadLines(TestFiles.Fixture("verdicts.jsonl"))];

    [Theory]
    [MemberData(nameof(Verdicts))]
    public async Task An_object_is_kept_or_refused_by_field(string line)
    {
        var verdict = JsonNode.Parse(line)!;
        await using var server = await ApiServer.StartAsync();
        await server.InstallAsync(CustomResourceDefinitions.Postgresql);
        var manifest = Minimal();
        Merge((JsonObject)manifest["spec"]!, (JsonObject)verdict["spec"]!);

        var (code, answer) = await server.SendAsync(HttpMethod.Post, "/apis/acid.zalan.do/v1/namespaces/default/postgresqls", manifest);

        if ((string?)verdict["field"] is { } field)
        {
            Assert.Equal(HttpStatusCode.UnprocessableEntity, code);
            Assert.Contains(answer!["details"]!["causes"]!.AsArray(), c => (string)c!["field"]! is var named && (field.StartsWith(named, StringComparison.Ordinal) || named.StartsWith(field, StringComparison.Ordinal) || named == "<nil>"));
            return;
        }

        Assert.True(code == HttpStatusCode.Created, answer?.ToJsonString());
        var dropped = Missing(manifest["spec"]!, answer!["spec"], "").ToList();
        Assert.Equal((verdict["dropped"] as JsonArray ?? []).Select(static d => "." + (string)d!), dropped);
    }

    [Theory]
    [InlineData("")]
    [InlineData("v1.15.1/")]
    public async Task Loading_our_definitions_over_the_reference_keeps_all_stored_objects(string version)
    {
        if (TestFiles.Shared("upstream-manifests/" + version) is not { } folder)
        {
            Assert.Skip("The reference's definitions (../shared/upstream-manifests) are not here; the fixtures of our own are tested below.");
            return;
        }

        var objects = Directory.GetFiles(folder, "*.yaml").Order(StringComparer.Ordinal)
            .SelectMany(static f => KubernetesYaml.Parse(File.ReadAllText(f))).Where(static o => ((string?)o["apiVersion"])?.StartsWith("acid.zalan.do/", StringComparison.Ordinal) == true).ToList();
        foreach (var cluster in objects.Where(static o => (string?)o["kind"] == "postgresql" && o["spec"]!["init_containers"] is null)) cluster["spec"]!["useLoadBalancer"] = true;
        var definitions = Directory.GetFiles(folder, "*.crd.yaml").Select(static f => Assert.Single(KubernetesYaml.Parse(File.ReadAllText(f)))).ToList();

        Assert.True(await StoredObjectsAreKeptAsync(definitions, objects) >= 6);
    }

    [Fact]
    public async Task Loading_our_definitions_over_ones_that_keep_everything_loses_nothing()
    {
        var objects = new[] { "complete-cluster.yaml", "version-1-cluster.yaml", "other-kinds.yaml" }
            .SelectMany(static f => KubernetesYaml.Parse(File.ReadAllText(TestFiles.Fixture(f)))).Where(static o => (string?)o["kind"] != "ConfigMap").ToList();
        var open = CustomResourceDefinitions.All.Select(static d =>
        {
            var definition = CustomResourceDefinitions.ToJson(d);
            definition["spec"]!["versions"]![0]!["schema"] = new JsonObject { ["openAPIV3Schema"] = new JsonObject { ["type"] = "object", ["x-kubernetes-preserve-unknown-fields"] = true } };
            definition["spec"]!["versions"]![0]!.AsObject().Remove("subresources");
            definition["spec"]!["versions"]![0]!.AsObject().Remove("additionalPrinterColumns");
            return definition;
        });

        Assert.Equal(6, await StoredObjectsAreKeptAsync([.. open], objects));
    }

    private static async Task<int> StoredObjectsAreKeptAsync(IReadOnlyList<JsonObject> definitions, IReadOnlyList<JsonObject> objects)
    {
        await using var server = await ApiServer.StartAsync();
        foreach (var definition in definitions) await server.SendAsync(HttpMethod.Post, Definitions, definition, HttpStatusCode.Created);
        var stored = new List<(string Path, JsonNode Before)>();
        foreach (var item in objects)
        {
            item["metadata"]!.AsObject().Remove("namespace");
            var plural = ((string)item["kind"]!).ToLowerInvariant() + "s";
            var (code, answer) = await server.SendAsync(HttpMethod.Post, $"/apis/acid.zalan.do/v1/namespaces/default/{plural}", item);
            // Samples share names, and some belong to the other version.
            if (code == HttpStatusCode.Created) stored.Add(($"/apis/acid.zalan.do/v1/namespaces/default/{plural}/{item["metadata"]!["name"]}", answer!));
        }

        foreach (var definition in CustomResourceDefinitions.All)
        {
            var (code, present) = await server.SendAsync(HttpMethod.Get, $"{Definitions}/{definition.Metadata.Name}", null);
            if (code == HttpStatusCode.NotFound) continue;
            present!["spec"] = CustomResourceDefinitions.ToJson(definition)["spec"]!.DeepClone();
            await server.SendAsync(HttpMethod.Put, $"{Definitions}/{definition.Metadata.Name}", present, HttpStatusCode.OK);
        }

        var lost = new List<string>();
        foreach (var (path, before) in stored)
        {
            var (_, read) = await server.SendAsync(HttpMethod.Get, path, null, HttpStatusCode.OK);
            read!["metadata"]!["labels"] = new JsonObject { ["touched"] = "yes" };
            await server.SendAsync(HttpMethod.Put, path, read, HttpStatusCode.OK);
            var (_, after) = await server.SendAsync(HttpMethod.Get, path, null, HttpStatusCode.OK);
            foreach (var part in new[] { "spec", "configuration" })
                if (before[part] is { } content) lost.AddRange(Missing(content, after![part], $"{path} {part}"));
        }

        Assert.Empty(lost);
        return stored.Count;
    }

    // Everything that is in the first value and not the same in the second.
    private static IEnumerable<string> Missing(JsonNode? before, JsonNode? after, string path) => (before, after) switch
    {
        (JsonObject left, JsonObject right) => left.SelectMany(p => right.ContainsKey(p.Key) ? Missing(p.Value, right[p.Key], $"{path}.{p.Key}") : [$"{path}.{p.Key}"]),
        (JsonArray left, JsonArray right) when left.Count == right.Count => left.Select((l, i) => (l, i)).SelectMany(l => Missing(l.l, right[l.i], $"{path}.{l.i}")),
        _ => JsonNode.DeepEquals(before, after) ? [] : [path],
    };

    private static JsonObject Minimal() => new()
    {
        ["apiVersion"] = "acid.zalan.do/v1", ["kind"] = "postgresql", ["metadata"] = new JsonObject { ["name"] = "shop-test" },
        ["spec"] = new JsonObject { ["teamId"] = "shop", ["numberOfInstances"] = 1, ["postgresql"] = new JsonObject { ["version"] = "17" }, ["volume"] = new JsonObject { ["size"] = "1Gi" } },
    };

    private static void Merge(JsonObject target, JsonObject patch)
    {
        foreach (var (key, value) in patch)
        {
            if (value is JsonObject inner && target[key] is JsonObject existing) Merge(existing, inner);
            else target[key] = value?.DeepClone();
        }
    }

    private sealed class ApiServer : IAsyncDisposable
    {
        private readonly InMemoryApiServer _server;
        private readonly HttpClient _client;

        private ApiServer(InMemoryApiServer server)
        {
            _server = server;
            _client = new HttpClient(new SocketsHttpHandler()) { BaseAddress = server.Url };
        }

        public async ValueTask DisposeAsync()
        {
            _client.Dispose();
            await _server.DisposeAsync();
        }

        internal static async Task<ApiServer> StartAsync() => new(await InMemoryApiServer.StartAsync(new ApiServerOptions { Controllers = [] }, TestContext.Current.CancellationToken));

        internal async Task InstallAsync(params CustomResourceDefinition[] definitions)
        {
            foreach (var definition in definitions.Length == 0 ? CustomResourceDefinitions.All : definitions)
                await SendAsync(HttpMethod.Post, Definitions, CustomResourceDefinitions.ToJson(definition), HttpStatusCode.Created);
        }

        internal async Task<(HttpStatusCode Code, JsonNode? Body)> SendAsync(HttpMethod method, string path, JsonNode? body, HttpStatusCode? expected = null, string? contentType = null)
        {
            using var request = new HttpRequestMessage(method, path);
            if (body is not null) request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, contentType ?? "application/json");
            using var response = await _client.SendAsync(request, TestContext.Current.CancellationToken);
            var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            Assert.True(expected is null || response.StatusCode == expected, $"{method} {path}: {(int)response.StatusCode} {text}");
            return (response.StatusCode, text.Length == 0 ? null : JsonNode.Parse(text));
        }
    }
}
