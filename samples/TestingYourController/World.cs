using System.Text.Json.Nodes;
using WebsiteController;
using Zalando.Postgres.Sdk.Kubernetes.Client;
using Zalando.Postgres.Sdk.Kubernetes.Configuration;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Testing.ApiServer;
using Zalando.Postgres.Sdk.Testing.ApiServer.Faults;
using Zalando.Postgres.Sdk.Testing.Controllers;

namespace TestingYourController;

/// <summary>A server that knows websites, and the controller connected to it over HTTP.</summary>
internal sealed class World : IAsyncDisposable
{
    private readonly KubernetesTestEnvironment _environment;
    private readonly KubernetesClient _client;

    private World(KubernetesTestEnvironment environment, KubernetesClient client)
    {
        _environment = environment;
        _client = client;
        // One pass of the controller is a step of settling: it takes turns with the controllers of the server.
        environment.Step = new WebsiteReconciler(client).ReconcileOnceAsync;
    }

    public InMemoryApiServer Server => _environment.Server;

    public FaultInjection Faults => _environment.Faults;

    public IApiAccess Objects => _environment.Objects;

    public static async Task<World> StartAsync(ApiServerOptions? options = null, string? token = null)
    {
        var environment = await KubernetesTestEnvironment.StartAsync(options, TestContext.Current.CancellationToken);
        await environment.ApplyAsync(Manifests.File("website-crd.yaml"), TestContext.Current.CancellationToken);
        // Any client will do. This one gives up at once, so that the controller has to cope.
        var configuration = KubernetesClientConfiguration.FromKubeconfig(environment.Server.Kubeconfig);
        if (token is not null) configuration = configuration with { Credentials = KubernetesClientConfiguration.BearerToken(token) };
        return new World(environment, new KubernetesClient(configuration, new KubernetesClientOptions { MaximumRetries = 0 }));
    }

    public Task ApplyAsync(string yaml) => _environment.ApplyAsync(yaml, TestContext.Current.CancellationToken);

    public Task SettleAsync() => _environment.SettleAsync(TestContext.Current.CancellationToken);

    public Task AdvanceAsync(TimeSpan by) => _environment.AdvanceAsync(by, TestContext.Current.CancellationToken);

    public JsonObject? Get(KubernetesKind kind, string name) => Objects.Get(kind, "default", name);

    public string Status(string name) => Get(WebsiteReconciler.Website, name)?["status"] is { } status ? $"{status["phase"]}, {status["readyReplicas"]} ready" : "none";

    public IReadOnlyList<string> Uids(KubernetesKind kind) => [.. Objects.List(kind, "default").Select(static value => value["metadata"]!["uid"]!.GetValue<string>())];

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _environment.DisposeAsync();
    }
}
