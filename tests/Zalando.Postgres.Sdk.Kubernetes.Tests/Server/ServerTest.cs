using Zalando.Postgres.Sdk.Kubernetes.Client;
using Zalando.Postgres.Sdk.Kubernetes.Configuration;
using Zalando.Postgres.Sdk.Testing.ApiServer;

namespace Zalando.Postgres.Sdk.Kubernetes.Tests.Server;

/// <summary>Tests with an API server without controllers and a client of it.</summary>
public abstract class ServerTest : IAsyncLifetime
{
    private KubernetesClient? _client;
    private InMemoryApiServer? _server;

    protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    protected InMemoryApiServer Server => _server!;

    protected KubernetesClient Client => _client!;

    public async ValueTask InitializeAsync()
    {
        _server = await InMemoryApiServer.StartAsync(new ApiServerOptions { Controllers = [] }, Stop);
        _client = new KubernetesClient(KubernetesClientConfiguration.FromKubeconfig(_server.Kubeconfig));
    }

    public async ValueTask DisposeAsync()
    {
        _client?.Dispose();
        if (_server is not null) await _server.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}
