using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Testing.ApiServer;
using Zalando.Postgres.Sdk.Testing.Controllers;
using Zalando.Postgres.Sdk.Testing.Time;

namespace Zalando.Postgres.Sdk.Testing.Tests.ApiServer;

public sealed class SnapshotTests
{
    [Fact]
    public async Task Servers_begin_where_another_was_and_go_on_apart_from_each_other()
    {
        ServerSnapshot snapshot;
        string state;
        await using (var first = await StartAsync(null, 1))
        {
            first.Access.Create(KubernetesKinds.CustomResourceDefinition, Parse("""{"metadata":{"name":"widgets.example.org"},"spec":{"group":"example.org","scope":"Namespaced","names":{"plural":"widgets","kind":"Widget"},"versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object"}}}]}}"""));
            first.Access.Create(Widget(first), Parse("""{"apiVersion":"example.org/v1","kind":"Widget","metadata":{"name":"w","namespace":"default"}}"""));
            first.Access.Create(KubernetesKinds.StatefulSet, Parse("""{"metadata":{"name":"db","namespace":"default"},"spec":{"serviceName":"db","replicas":2,"selector":{"matchLabels":{"app":"db"}},"template":{"metadata":{"labels":{"app":"db"}},"spec":{"containers":[{"name":"main","image":"i"}]}}}}"""));
            await first.Controllers!.SettleAsync(TestContext.Current.CancellationToken);
            snapshot = first.TakeSnapshot();
            state = first.SaveState();
            first.Access.Delete(KubernetesKinds.StatefulSet, "default", "db");
        }

        await using var second = await StartAsync(snapshot, 2);
        await using var third = await StartAsync(snapshot, 3);
        Assert.Equal(state, second.SaveState());
        Assert.NotNull(second.Access.Get(Widget(second), "default", "w"));
        var set = second.Access.Get(KubernetesKinds.StatefulSet, "default", "db")!;
        set["spec"]!["replicas"] = 3;
        second.Access.Update(KubernetesKinds.StatefulSet, set);
        await second.Controllers!.SettleAsync(TestContext.Current.CancellationToken);
        var pods = second.Access.List(KubernetesKinds.Pod, "default");
        Assert.Equal(3, pods.Select(p => (string?)p["status"]!["podIP"]).Distinct().Count());
        Assert.Equal(3, pods.Select(p => (string?)p["metadata"]!["uid"]).Distinct().Count());
        Assert.Equal(state, third.SaveState());
    }

    private static Task<InMemoryApiServer> StartAsync(ServerSnapshot? snapshot, int seed) => InMemoryApiServer.StartAsync(
        new ApiServerOptions { TimeProvider = new ManualTimeProvider(), SimulatedNode = new SimulatedNodeOptions(), Random = new Random(seed), Snapshot = snapshot },
        TestContext.Current.CancellationToken);

    private static KubernetesKind Widget(InMemoryApiServer server) => server.Access.Kinds.Single(k => k.Kind == "Widget");

    private static JsonObject Parse(string text) => (JsonObject)JsonNode.Parse(text)!;
}
