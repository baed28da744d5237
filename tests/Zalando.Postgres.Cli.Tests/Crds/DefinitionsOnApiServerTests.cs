using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Kubernetes.Yaml;
using Zalando.Postgres.Sdk.Resources.Schemas;
using Zalando.Postgres.Sdk.Testing.ApiServer;

namespace Zalando.Postgres.Cli.Tests.Crds;

/// <summary>Our definitions on an API server: same verdicts and same stored objects as the recorded ones, and nothing lost when they replace the reference's.</summary>
public sealed class DefinitionsOnApiServerTests
{
    [Theory]
    [InlineData("crd-postgresql.jsonl")]
    [InlineData("crd-postgresql-invalid.jsonl")]
    [InlineData("crd-operatorconfiguration.jsonl")]
    [InlineData("crd-postgresteam.jsonl")]
    public async Task Recorded_objects_get_the_recorded_verdict_and_are_stored_the_same(string file)
    {
        if (Shared($"apiserver-transcripts/{file}") is not { } path)
        {
            Assert.Skip("The recorded answers (../shared/apiserver-transcripts) are not here.");
            return;
        }
        await using var server = await ApiServer.StartAsync();
        foreach (var definition in CustomResourceDefinitions.All) await server.SendAsync(HttpMethod.Post, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", CustomResourceDefinitions.ToJson(definition), HttpStatusCode.Created);
        var (probe, _) = await server.SendAsync(HttpMethod.Post, "/apis/acid.zalan.do/v1/namespaces/default/postgresqls", new JsonObject { ["apiVersion"] = "acid.zalan.do/v1", ["kind"] = "postgresql", ["metadata"] = new JsonObject { ["name"] = "probe" } });
        if (probe == HttpStatusCode.Created) Assert.Skip("This API server does not hold custom objects to their schemas.");
        var namespaces = new HashSet<string>(StringComparer.Ordinal) { "default" };
        var differences = new List<string>();
        foreach (var step in File.ReadLines(path).Select(l => JsonNode.Parse(l)!))
        {
            var body = step["request"]?["body"] as JsonObject;
            if ((string?)step["request"]?["method"] != "POST" || body is null || (string?)body["kind"] is not ("postgresql" or "OperatorConfiguration" or "PostgresTeam") || step["request"]!["query"] is not null) continue;
            var recorded = (int)step["response"]!["code"]!;
            var place = ((string)step["request"]!["path"]!).Split('/')[5];
            if (namespaces.Add(place)) await server.SendAsync(HttpMethod.Post, "/api/v1/namespaces", new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Namespace", ["metadata"] = new JsonObject { ["name"] = place } });
            var (code, answer) = await server.SendAsync(HttpMethod.Post, ((string)step["request"]!["path"]!).Split('?')[0], body);
            if (recorded != (int)code) differences.Add($"{step["note"]}: recorded {recorded}, here {(int)code} {answer?["message"]}");
            else if (recorded == 201)
            {
                foreach (var part in new[] { "spec", "configuration" })
                {
                    if (!JsonNode.DeepEquals(answer![part], step["response"]!["body"]![part])) differences.Add($"{step["note"]}: {part} recorded {step["response"]!["body"]![part]?.ToJsonString()}, here {answer[part]?.ToJsonString()}");
                }
            }
        }

        Assert.Empty(differences);
    }

    [Theory]
    [InlineData("")]
    [InlineData("v1.15.1/")]
    public async Task Loading_our_definition_over_the_reference_keeps_stored_clusters(string version)
    {
        if (Shared($"upstream-manifests/{version}postgresql.crd.yaml") is not { } path)
        {
            Assert.Skip("The reference's definitions (../shared/upstream-manifests) are not here.");
            return;
        }
        const string definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
        const string clusters = "/apis/acid.zalan.do/v1/namespaces/default/postgresqls";
        await using var server = await ApiServer.StartAsync();
        await server.SendAsync(HttpMethod.Post, definitions, Assert.Single(KubernetesYaml.Parse(await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken))), HttpStatusCode.Created);
        var complete = Assert.Single(KubernetesYaml.Parse(await File.ReadAllTextAsync(Shared($"upstream-manifests/{version}complete-postgres-manifest.yaml")!, TestContext.Current.CancellationToken)));
        complete["metadata"]!.AsObject().Remove("namespace");
        if (version.Length > 0) complete["spec"]!["useLoadBalancer"] = true;
        var name = (string)complete["metadata"]!["name"]!;
        await server.SendAsync(HttpMethod.Post, clusters, complete, HttpStatusCode.Created);
        var (_, before) = await server.SendAsync(HttpMethod.Get, $"{clusters}/{name}", null);

        var (_, stored) = await server.SendAsync(HttpMethod.Get, $"{definitions}/postgresqls.acid.zalan.do", null);
        stored!["spec"] = CustomResourceDefinitions.ToJson(CustomResourceDefinitions.Postgresql)["spec"]!.DeepClone();
        await server.SendAsync(HttpMethod.Put, $"{definitions}/postgresqls.acid.zalan.do", (JsonObject)stored, HttpStatusCode.OK);
        var (_, read) = await server.SendAsync(HttpMethod.Get, $"{clusters}/{name}", null);
        Assert.True(JsonNode.DeepEquals(before!["spec"], read!["spec"]));
        read["metadata"]!["labels"] = new JsonObject { ["touched"] = "yes" };
        await server.SendAsync(HttpMethod.Put, $"{clusters}/{name}", (JsonObject)read, HttpStatusCode.OK);
        var (_, after) = await server.SendAsync(HttpMethod.Get, $"{clusters}/{name}", null);

        Assert.True(JsonNode.DeepEquals(before["spec"], after!["spec"]), $"{before["spec"]!.ToJsonString()}\n{after["spec"]!.ToJsonString()}");
    }

    private static string? Shared(string name)
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (!File.Exists(Path.Combine(directory.FullName, "Zalando.Postgres.Sdk.sln"))) continue;
            var path = Path.Combine(directory.Parent!.FullName, "shared", name);
            return File.Exists(path) ? path : null;
        }
        return null;
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

        internal async Task<(HttpStatusCode Code, JsonNode? Body)> SendAsync(HttpMethod method, string path, JsonObject? body, HttpStatusCode? expected = null)
        {
            using var request = new HttpRequestMessage(method, path);
            if (body is not null) request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
            using var response = await _client.SendAsync(request, TestContext.Current.CancellationToken);
            var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            Assert.True(expected is null || response.StatusCode == expected, $"{method} {path}: {(int)response.StatusCode} {text}");
            return (response.StatusCode, text.Length == 0 ? null : JsonNode.Parse(text));
        }
    }
}
