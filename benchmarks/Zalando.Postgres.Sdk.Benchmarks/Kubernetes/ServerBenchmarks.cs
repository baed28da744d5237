using BenchmarkDotNet.Attributes;
using Zalando.Postgres.Sdk.Kubernetes.Client;
using Zalando.Postgres.Sdk.Kubernetes.Configuration;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Testing.ApiServer;

namespace Zalando.Postgres.Sdk.Benchmarks.Kubernetes;

/// <summary>Requests to the in-memory API server over HTTP on loopback, by our client in the same process.</summary>
[MemoryDiagnoser]
public class ServerBenchmarks
{
    private const int Objects = 500;

    private InMemoryApiServer _server = null!;
    private KubernetesClient _client = null!;
    private int _names;

    /// <summary>A server without controllers that has 500 config maps.</summary>
    [GlobalSetup]
    public async Task StartAsync()
    {
        _server = await InMemoryApiServer.StartAsync(new ApiServerOptions { Controllers = [] });
        _client = new KubernetesClient(KubernetesClientConfiguration.FromKubeconfig(_server.Kubeconfig));
        for (var i = 0; i < Objects; i++) await _client.CreateAsync(Map($"m{i}"), null, CancellationToken.None);
    }

    /// <summary>Ends the server.</summary>
    [GlobalCleanup]
    public async Task StopAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
    }

    /// <summary>One object is read.</summary>
    [Benchmark]
    public async Task<string?> Get() => (await _client.GetAsync<ConfigMap>("default", "m7", CancellationToken.None))?.Metadata.Uid;

    /// <summary>One object is patched.</summary>
    [Benchmark]
    public async Task<string?> Patch()
    {
        var change = new System.Text.Json.Nodes.JsonObject { ["data"] = new System.Text.Json.Nodes.JsonObject { ["k"] = $"{Interlocked.Increment(ref _names)}" } };
        return (await _client.PatchAsync<ConfigMap>("default", $"m{_names % Objects}", Zalando.Postgres.Sdk.Kubernetes.Client.Patch.Merge(change), null, null, CancellationToken.None)).Metadata.ResourceVersion;
    }

    /// <summary>One object is created and deleted: two requests.</summary>
    [Benchmark]
    public async Task<bool> CreateAndDelete()
    {
        var name = $"n{Interlocked.Increment(ref _names)}";
        await _client.CreateAsync(Map(name), null, CancellationToken.None);
        return await _client.DeleteAsync<ConfigMap>("default", name, null, CancellationToken.None);
    }

    /// <summary>500 objects are listed in one page.</summary>
    [Benchmark]
    public async Task<int> List() => (await _client.ListAsync<ConfigMap>("default", null, CancellationToken.None)).Items.Count;

    private static ConfigMap Map(string name) => new() { Metadata = new ObjectMeta { Name = name, Namespace = "default" }, Data = new Dictionary<string, string> { ["k"] = "v" } };
}
