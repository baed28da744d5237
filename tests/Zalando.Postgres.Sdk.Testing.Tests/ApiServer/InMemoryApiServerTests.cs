using System.Text.Json.Nodes;
using Xunit;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Testing.ApiServer;

namespace Zalando.Postgres.Sdk.Testing.Tests.ApiServer;

public sealed class InMemoryApiServerTests
{
    private static readonly KubernetesKind ConfigMap = KubernetesKinds.ConfigMap;

    [Fact]
    public async Task What_is_created_in_process_is_read_over_http()
    {
        await using var server = await StartAsync();
        server.Access.Create(ConfigMap, Object("a"));
        using var http = Client(server);
        var read = JsonNode.Parse(await http.GetStringAsync("/api/v1/namespaces/default/configmaps/a", Token))!;
        Assert.Equal("a", (string?)read["metadata"]!["name"]);
        Assert.Equal("ConfigMap", (string?)read["kind"]);
        Assert.NotNull(read["metadata"]!["uid"]);
        var logged = Assert.Single(server.RequestLog.Snapshot());
        Assert.Equal(("get", "configmaps", "default", "a", 200), (logged.Verb, logged.Resource, logged.Namespace, logged.Name, logged.Code));
    }

    [Fact]
    public async Task A_stale_version_is_a_conflict_and_nothing_changes()
    {
        await using var server = await StartAsync();
        var first = server.Access.Create(ConfigMap, Object("a"));
        var second = (JsonObject)first.DeepClone();
        second["data"] = new JsonObject { ["k"] = "1" };
        server.Access.Update(ConfigMap, second);
        first["data"] = new JsonObject { ["k"] = "2" };
        var refused = Assert.Throws<ApiStatusException>(() => server.Access.Update(ConfigMap, first));
        Assert.Equal(409, refused.Code);
        Assert.Equal("1", (string?)server.Access.Get(ConfigMap, "default", "a")!["data"]!["k"]);
    }

    [Fact]
    public async Task A_watch_shows_each_change_once_and_in_order()
    {
        await using var server = await StartAsync();
        using var http = Client(server);
        using var stream = new StreamReader(await http.GetStreamAsync("/api/v1/namespaces/default/configmaps?watch=true&fieldSelector=metadata.name=a", Token));
        server.Access.Create(ConfigMap, Object("a"));
        var changed = Object("a");
        changed["data"] = new JsonObject { ["k"] = "1" };
        server.Access.Update(ConfigMap, changed);
        server.Access.Update(ConfigMap, (JsonObject)changed.DeepClone());
        server.Access.Delete(ConfigMap, "default", "a");
        var types = new List<string?>();
        while (types.Count < 3) types.Add((string?)JsonNode.Parse((await stream.ReadLineAsync(Token))!)!["type"]);
        Assert.Equal(["ADDED", "MODIFIED", "DELETED"], types);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static Task<InMemoryApiServer> StartAsync() => InMemoryApiServer.StartAsync(new ApiServerOptions { Controllers = [] }, Token);

    private static HttpClient Client(InMemoryApiServer server) => new(new SocketsHttpHandler(), true) { BaseAddress = server.Url };

    private static JsonObject Object(string name) => new() { ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = "default" } };
}
