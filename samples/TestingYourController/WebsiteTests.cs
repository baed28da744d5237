using WebsiteController;
using Zalando.Postgres.Sdk.Kubernetes.Client;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Testing.ApiServer;
using Zalando.Postgres.Sdk.Testing.Controllers;

namespace TestingYourController;

/// <summary>The tests of a controller: a server in this process, virtual time, no sleeping.</summary>
public sealed class WebsiteTests
{
    [Fact]
    public async Task A_website_becomes_a_page_a_service_and_running_pods()
    {
        await using var world = await World.StartAsync();
        await world.ApplyAsync(Manifests.Website("shop"));
        await world.SettleAsync();

        Assert.Equal("hello", world.Get(KubernetesKinds.ConfigMap, "shop")!["data"]!["index.html"]!.GetValue<string>());
        Assert.Equal(2, world.Objects.List(KubernetesKinds.Pod, "default").Count);
        Assert.Equal("Running, 2 ready", world.Status("shop"));
        // The service has found the pods: the server's own controllers worked too.
        Assert.Equal(2, world.Get(KubernetesKinds.Endpoints, "shop")!["subsets"]![0]!["addresses"]!.AsArray().Count);
    }

    [Fact]
    public async Task A_new_page_replaces_the_pods()
    {
        await using var world = await World.StartAsync();
        await world.ApplyAsync(Manifests.Website("shop"));
        await world.SettleAsync();
        var before = world.Uids(KubernetesKinds.Pod);

        await world.ApplyAsync(Manifests.Website("shop", page: "goodbye"));
        await world.SettleAsync();

        Assert.Empty(before.Intersect(world.Uids(KubernetesKinds.Pod)));
        Assert.Equal("Running, 2 ready", world.Status("shop"));
    }

    [Fact]
    public async Task A_website_that_has_not_changed_costs_no_write()
    {
        await using var world = await World.StartAsync();
        await world.ApplyAsync(Manifests.Website("shop"));
        await world.SettleAsync();
        world.Server.RequestLog.Clear();

        await world.SettleAsync();

        Assert.NotEmpty(world.Server.RequestLog.Snapshot());
        Assert.DoesNotContain(world.Server.RequestLog.Snapshot(), static request => request.IsWrite);
    }

    [Fact]
    public async Task A_conflict_is_looked_at_again_and_costs_nothing()
    {
        await using var world = await World.StartAsync();
        await world.ApplyAsync(Manifests.Website("shop"));
        world.Faults.FailNext(HttpMethod.Patch, "deployments", 409);
        await world.SettleAsync();

        Assert.Equal(1, world.Faults.Hits);
        Assert.Equal("Running, 2 ready", world.Status("shop"));
    }

    [Fact]
    public async Task A_lost_answer_leads_to_the_same_objects()
    {
        await using var world = await World.StartAsync();
        await world.ApplyAsync(Manifests.Website("shop"));
        // The server does it, and the connection breaks before it can say so.
        world.Faults.Add(new() { Method = "PATCH", Resource = "services", LoseAnswer = true });
        await world.SettleAsync();

        Assert.Equal(1, world.Faults.Hits);
        Assert.Single(world.Objects.List(KubernetesKinds.Service, "default"), static service => service["metadata"]!["name"]!.GetValue<string>() == "shop");
        Assert.Equal("Running, 2 ready", world.Status("shop"));
    }

    [Fact]
    public async Task Slow_pods_are_reported_until_they_are_ready()
    {
        await using var world = await World.StartAsync(new ApiServerOptions { SimulatedNode = new SimulatedNodeOptions { ReadyDelay = TimeSpan.FromMinutes(10) } });
        await world.ApplyAsync(Manifests.Website("shop"));
        await world.SettleAsync();
        Assert.Equal("Starting, 0 ready", world.Status("shop"));

        // Ten minutes pass, and nobody waits.
        await world.AdvanceAsync(TimeSpan.FromMinutes(10));
        Assert.Equal("Running, 2 ready", world.Status("shop"));
    }

    [Fact]
    public async Task A_deleted_website_takes_its_objects_along()
    {
        await using var world = await World.StartAsync();
        await world.ApplyAsync(Manifests.Website("shop"));
        await world.SettleAsync();

        world.Objects.Delete(WebsiteReconciler.Website, "default", "shop");
        await world.SettleAsync();

        Assert.Null(world.Get(KubernetesKinds.Deployment, "shop"));
        Assert.Null(world.Get(KubernetesKinds.Service, "shop"));
        Assert.Empty(world.Objects.List(KubernetesKinds.Pod, "default"));
    }

    [Fact]
    public async Task A_website_without_a_page_is_refused_by_its_schema()
    {
        await using var world = await World.StartAsync();
        var refusal = await Assert.ThrowsAsync<ApiStatusException>(() => world.ApplyAsync("{ apiVersion: example.com/v1, kind: Website, metadata: { name: shop }, spec: {} }"));
        Assert.Equal(422, refusal.Code);
    }

    [Fact]
    public async Task The_rights_that_are_shipped_are_enough_and_needed()
    {
        var user = new TokenUser("secret", new RequestUser("website-controller", null, []));
        await using var world = await World.StartAsync(new ApiServerOptions
        {
            SimulatedNode = new SimulatedNodeOptions(), Authorization = AuthorizationMode.Rbac, TokenUsers = [user],
        }, token: "secret");
        await world.ApplyAsync(Manifests.Website("shop"));
        var refusal = await Assert.ThrowsAsync<KubernetesApiException>(() => world.SettleAsync());
        Assert.Equal(403, refusal.StatusCode);

        await world.ApplyAsync(Manifests.File("website-rights.yaml"));
        await world.SettleAsync();
        Assert.Equal("Running, 2 ready", world.Status("shop"));
    }
}
