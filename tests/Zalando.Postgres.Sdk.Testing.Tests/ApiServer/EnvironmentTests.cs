using System.Text.Json.Nodes;
using Xunit;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Testing.ApiServer;

namespace Zalando.Postgres.Sdk.Testing.Tests.ApiServer;

public sealed class EnvironmentTests
{
    [Fact]
    public async Task A_manifest_is_applied_without_any_preparation_and_again_without_a_change()
    {
        await using var environment = await KubernetesTestEnvironment.StartAsync(cancellationToken: Requests.Token);
        await environment.ApplyAsync(Manifests.Minimal("orders-db"), Requests.Token);
        var kind = environment.Objects.Kinds.Single(static k => k.Kind == "postgresql");
        var first = environment.Objects.Get(kind, "default", "orders-db")!;

        await environment.ApplyAsync(Manifests.Minimal("orders-db"), Requests.Token);

        Assert.Equal("orders", (string?)first["spec"]!["teamId"]);
        Assert.Equal((string?)first["metadata"]!["resourceVersion"], (string?)environment.Objects.Get(kind, "default", "orders-db")!["metadata"]!["resourceVersion"]);
    }

    [Fact]
    public async Task Settling_runs_controllers_and_pods_in_virtual_time()
    {
        await using var environment = await KubernetesTestEnvironment.StartAsync(cancellationToken: Requests.Token);
        await environment.ApplyAsync(Manifests.StatefulSet("db", 3), Requests.Token);
        await environment.SettleAsync(Requests.Token);

        var set = environment.Objects.Get(KubernetesKinds.StatefulSet, "default", "db")!;
        Assert.Equal(3, (int?)set["status"]!["readyReplicas"]);
    }

    [Fact]
    public async Task A_controller_under_test_meets_the_fault_once_and_recovers()
    {
        await using var environment = await KubernetesTestEnvironment.StartAsync(cancellationToken: Requests.Token);
        await environment.ApplyAsync(Manifests.StatefulSet("db"), Requests.Token);
        environment.Faults.FailNext(HttpMethod.Patch, "statefulsets", 409);
        using var http = environment.Server.Client();
        var codes = new List<int>();
        environment.Step = async _ =>
        {
            if (codes.Contains(200)) return false;
            codes.Add((await http.SendAsync("PATCH", "/apis/apps/v1/namespaces/default/statefulsets/db", """{"spec":{"replicas":2}}""", "application/merge-patch+json")).Code);
            return true;
        };

        await environment.SettleAsync(Requests.Token);

        Assert.Equal([409, 200], codes);
        Assert.Equal(2, environment.Objects.List(KubernetesKinds.Pod, "default").Count);
    }

    [Fact]
    public async Task What_never_comes_to_rest_is_reported()
    {
        await using var environment = await KubernetesTestEnvironment.StartAsync(new ApiServerOptions { Controllers = [] }, Requests.Token);
        environment.Step = static _ => Task.FromResult(true);

        await Assert.ThrowsAsync<InvalidOperationException>(() => environment.SettleAsync(Requests.Token));
    }

    [Fact]
    public async Task An_unknown_kind_is_named()
    {
        await using var environment = await KubernetesTestEnvironment.StartAsync(new ApiServerOptions { Controllers = [] }, Requests.Token);

        var refused = Assert.Throws<ApiStatusException>(() => environment.Apply(new JsonObject { ["apiVersion"] = "example.com/v1", ["kind"] = "Widget", ["metadata"] = new JsonObject { ["name"] = "a" } }));

        Assert.Contains("example.com/v1/Widget", refused.Message, StringComparison.Ordinal);
    }
}
