using System.Text.Json.Nodes;
using BenchmarkDotNet.Attributes;
using Zalando.Postgres.Sdk.Kubernetes.Client;
using Zalando.Postgres.Sdk.Kubernetes.Configuration;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Benchmarks.Kubernetes;

/// <summary>From bytes to objects, through the whole client: lists of 500 pods and watches of 500 events, typed and as JSON. Divide by 500 for one object.</summary>
[MemoryDiagnoser]
public class DecodeBenchmarks
{
    /// <summary>Objects per operation.</summary>
    public const int Objects = 500;

    private readonly PodServer _server = new(Objects, Objects);
    private readonly KubernetesClient _client;

    /// <summary>A client without a network.</summary>
    public DecodeBenchmarks() => _client = new KubernetesClient(KubernetesClientConfiguration.FromHandler(new Uri("http://server"), _server));

    /// <summary>Bytes of the list.</summary>
    public long ListBytes => _server.ListBytes;

    /// <summary>Bytes of the watch.</summary>
    public long WatchBytes => _server.WatchBytes.Length;

    [Benchmark]
    public async Task<int> ListTyped() => (await _client.ListAsync<Pod>(null, null, CancellationToken.None)).Items.Count;

    [Benchmark]
    public async Task<int> ListJson() => (await _client.ListAsync(KubernetesKinds.Pod, null, null, CancellationToken.None)).Items.Count;

    [Benchmark]
    public async Task<int> WatchTyped()
    {
        var count = 0;
        await foreach (WatchEvent<Pod> _ in _client.WatchAsync<Pod>(null, new WatchOptions(), CancellationToken.None)) count++;
        return count;
    }

    [Benchmark]
    public async Task<int> WatchJson()
    {
        var count = 0;
        await foreach (WatchEvent<JsonObject> _ in _client.WatchAsync(KubernetesKinds.Pod, null, new WatchOptions(), CancellationToken.None)) count++;
        return count;
    }
}
