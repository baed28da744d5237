using System.Text.Json.Nodes;
using Xunit;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Testing.ApiServer;
using Zalando.Postgres.Sdk.Testing.Controllers;

namespace Zalando.Postgres.Sdk.Testing.Tests.ApiServer;

/// <summary>Other amounts of cpu and memory for running pods.</summary>
public sealed class PodResizeTests
{
    private const string Pod = "/api/v1/namespaces/default/pods/a";
    private const string Strategic = "application/strategic-merge-patch+json";

    [Fact]
    public async Task Amounts_change_through_the_subresource_only_and_nothing_else_does()
    {
        await using var server = await StartedAsync();
        using var http = server.Client();
        const string body = """{"metadata":{"labels":{"b":"c"}},"spec":{"containers":[{"name":"main","image":"other","resources":{"requests":{"cpu":"200m"}}}]}}""";
        var (code, refused) = await http.SendAsync("PATCH", Pod, """{"spec":{"containers":[{"name":"main","resources":{"requests":{"cpu":"200m"}}}]}}""", Strategic);
        Assert.Equal((422, true), (code, ((string?)refused["message"])!.Contains("pod updates may not change fields", StringComparison.Ordinal)));
        (code, var resized) = await http.SendAsync("PATCH", Pod + "/resize", body, Strategic);
        Assert.Equal(200, code);
        Assert.Equal(("200m", "100Mi", "image", null, 2), ((string?)Requests(resized)["cpu"], (string?)Requests(resized)["memory"], (string?)resized["spec"]!["containers"]![0]!["image"], resized["metadata"]!["labels"], (int)resized["metadata"]!["generation"]!));
        Assert.Equal(200, (await http.SendAsync("GET", Pod + "/resize")).Code);
        await server.Controllers!.SettleAsync(TestContext.Current.CancellationToken);
        var status = server.Access.Get(KubernetesKinds.Pod, "default", "a")!["status"]!;
        Assert.Equal(("200m", 0), ((string?)status["containerStatuses"]![0]!["resources"]!["requests"]!["cpu"], (int)status["containerStatuses"]![0]!["restartCount"]!));
    }

    [Theory]
    [InlineData("""{"requests":{"cpu":"2"}}""", "must be less than or equal to cpu limit of 1")]
    [InlineData("""{"requests":{"cpu":"1","memory":"200Mi"}}""", "Pod QOS Class may not change")]
    [InlineData("""{"limits":{"memory":null}}""", "resource limits cannot be removed")]
    [InlineData("""{"requests":{"ephemeral-storage":"1Gi"}}""", "only cpu and memory resources are mutable")]
    public async Task What_a_running_pod_cannot_become_is_refused(string resources, string words)
    {
        await using var server = await StartedAsync();
        using var http = server.Client();
        var (code, answer) = await http.SendAsync("PATCH", Pod + "/resize", $$$"""{"spec":{"containers":[{"name":"main","resources":{{{resources}}} }]}}""", Strategic);
        Assert.Equal(422, code);
        Assert.Contains(words, (string?)answer["message"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("100", "Infeasible")]
    [InlineData("50", "Deferred")]
    public async Task A_node_without_room_says_so_and_the_pod_keeps_what_it_has(string cpu, string reason)
    {
        await using var server = await StartedAsync(limit: "100");
        server.Access.Create(KubernetesKinds.Pod, Named("b", "20", "100"));
        await server.Controllers!.SettleAsync(TestContext.Current.CancellationToken);
        var pod = server.Access.Get(KubernetesKinds.Pod, "default", "a")!;
        Requests(pod)["cpu"] = cpu;
        server.Access.Update(KubernetesKinds.Pod, pod, "resize");
        await server.Controllers!.SettleAsync(TestContext.Current.CancellationToken);
        var status = server.Access.Get(KubernetesKinds.Pod, "default", "a")!["status"]!;
        var condition = Assert.Single(status["conditions"]!.AsArray(), c => (string?)c!["type"] == "PodResizePending")!;
        Assert.Equal((reason, "100m"), ((string?)condition["reason"], (string?)status["containerStatuses"]![0]!["resources"]!["requests"]!["cpu"]));
    }

    [Fact]
    public async Task A_server_of_an_older_version_does_not_know_it()
    {
        await using var server = await StartedAsync(serves: false);
        using var http = server.Client();
        Assert.DoesNotContain((await http.SendAsync("GET", "/api/v1")).Body["resources"]!.AsArray(), r => (string?)r!["name"] == "pods/resize");
        Assert.Equal(404, (await http.SendAsync("PATCH", Pod + "/resize", "{}", Strategic)).Code);
        await using var newer = await StartedAsync();
        using var client = newer.Client();
        Assert.Contains((await client.SendAsync("GET", "/api/v1")).Body["resources"]!.AsArray(), r => (string?)r!["name"] == "pods/resize");
    }

    private static async Task<InMemoryApiServer> StartedAsync(bool serves = true, string limit = "1")
    {
        var server = await InMemoryApiServer.StartAsync(new ApiServerOptions { ServesPodResize = serves, SimulatedNode = new SimulatedNodeOptions() }, TestContext.Current.CancellationToken);
        server.Access.Create(KubernetesKinds.Pod, Named("a", "100m", limit));
        await server.Controllers!.SettleAsync(TestContext.Current.CancellationToken);
        return server;
    }

    private static JsonObject Named(string name, string request, string limit) => new()
    {
        ["apiVersion"] = "v1", ["kind"] = "Pod", ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = "default" },
        ["spec"] = new JsonObject
        {
            ["containers"] = new JsonArray(new JsonObject
            {
                ["name"] = "main", ["image"] = "image",
                ["resources"] = new JsonObject { ["requests"] = new JsonObject { ["cpu"] = request, ["memory"] = "100Mi" }, ["limits"] = new JsonObject { ["cpu"] = limit, ["memory"] = "200Mi" } },
            }),
        },
    };

    private static JsonObject Requests(JsonObject pod) => (JsonObject)pod["spec"]!["containers"]![0]!["resources"]!["requests"]!;
}
