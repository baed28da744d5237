using System.Text.Json.Nodes;
using Xunit;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Testing.ApiServer;

namespace Zalando.Postgres.Sdk.Testing.Tests.ApiServer;

public sealed class StateTests : IDisposable
{
    private readonly string _file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());

    public void Dispose() => File.Delete(_file);

    [Fact]
    public async Task What_was_there_is_there_again_with_uids_and_versions_and_versions_go_on()
    {
        List<JsonObject> before;
        string version;
        await using (var environment = await KubernetesTestEnvironment.StartAsync(new ApiServerOptions { StateFile = _file }, Requests.Token))
        {
            await environment.ApplyAsync(Manifests.Minimal("orders-db"), Requests.Token);
            await environment.ApplyAsync(Manifests.StatefulSet("db", 2), Requests.Token);
            await environment.SettleAsync(Requests.Token);
            environment.Objects.Delete(KubernetesKinds.Service, "default", "db");
            await environment.SettleAsync(Requests.Token);
            before = All(environment);
            using var http = environment.Server.Client();
            version = (string)(await http.SendAsync("GET", "/api/v1/pods")).Body["metadata"]!["resourceVersion"]!;
        }

        await using var again = await KubernetesTestEnvironment.StartAsync(new ApiServerOptions { StateFile = _file, Controllers = [] }, Requests.Token);
        using var client = again.Server.Client();
        var (_, list) = await client.SendAsync("GET", "/api/v1/pods");

        Assert.Contains(before, static o => (string?)o["kind"] == "postgresql");
        Assert.Equal(before.Select(static o => o.ToJsonString()), All(again).Select(static o => o.ToJsonString()));
        Assert.Equal(version, (string?)list["metadata"]!["resourceVersion"]);
        Assert.Equal(410, (int?)JsonNode.Parse(await client.GetStringAsync("/api/v1/pods?watch=true&resourceVersion=2", Requests.Token))!["object"]!["code"]);
    }

    [Theory]
    [InlineData("a: [", "no YAML")]
    [InlineData("apiVersion: example.com/v1\nkind: Widget\nmetadata: { name: a }", "unknown kind example.com/v1/Widget")]
    [InlineData("apiVersion: v1\nkind: ConfigMap\nmetadata: {}", "without metadata.name")]
    public async Task A_state_that_cannot_be_read_is_refused_with_its_fault(string state, string fault)
    {
        await File.WriteAllTextAsync(_file, state, Requests.Token);

        var refused = await Assert.ThrowsAsync<InvalidDataException>(() => InMemoryApiServer.StartAsync(new ApiServerOptions { StateFile = _file, Controllers = [] }, Requests.Token));

        Assert.Contains(fault, refused.Message, StringComparison.Ordinal);
    }

    private static List<JsonObject> All(KubernetesTestEnvironment environment) =>
        [.. environment.Objects.Kinds.OrderBy(static k => k.QualifiedName, StringComparer.Ordinal).ThenBy(static k => k.Version, StringComparer.Ordinal).SelectMany(k => environment.Objects.List(k, null))];
}
