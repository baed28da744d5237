using BenchmarkDotNet.Attributes;
using Zalando.Postgres.Sdk.Kubernetes.Caching;
using Zalando.Postgres.Sdk.Kubernetes.Client;
using Zalando.Postgres.Sdk.Kubernetes.Configuration;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Testing.ApiServer;

namespace Zalando.Postgres.Sdk.Benchmarks.Kubernetes;

/// <summary>50 caches of 200 objects lose their watches at once: how long until each has heard of a change made meanwhile, by resuming and by listing again.</summary>
public class ReconnectStormBenchmarks
{
    private const int Caches = 50;
    private const int Objects = 200;

    private readonly List<ResourceCache<ConfigMap>> _caches = [];
    private readonly List<IAsyncEnumerator<CacheEvent<ConfigMap>>> _followers = [];
    private readonly List<Task> _running = [];
    private readonly CancellationTokenSource _stop = new();
    private InMemoryApiServer _server = null!;
    private KubernetesClient _client = null!;
    private int _changes;

    /// <summary>A server, and 50 caches that have caught up.</summary>
    [GlobalSetup]
    public async Task StartAsync()
    {
        _server = await InMemoryApiServer.StartAsync(new ApiServerOptions { Controllers = [] }, _stop.Token);
        _client = new KubernetesClient(KubernetesClientConfiguration.FromKubeconfig(_server.Kubeconfig));
        for (var i = 0; i < Objects; i++)
            await _client.CreateAsync(new ConfigMap { Metadata = new ObjectMeta { Name = $"m{i}", Namespace = "default" }, Data = new Dictionary<string, string> { ["k"] = "0" } }, null, _stop.Token);
        for (var i = 0; i < Caches; i++)
        {
            var cache = ResourceCache.Create(_client, new ResourceCacheOptions<ConfigMap> { Namespace = "default" });
            _caches.Add(cache);
            _running.Add(cache.RunAsync(_stop.Token));
            await cache.WaitForInitialListAsync(_stop.Token);
            var follower = cache.SubscribeAsync(_stop.Token).GetAsyncEnumerator(_stop.Token);
            while (await follower.MoveNextAsync() && follower.Current.Type != CacheEventType.InitialListComplete)
            {
            }

            _followers.Add(follower);
        }
    }

    /// <summary>Ends all.</summary>
    [GlobalCleanup]
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_running);
        _client.Dispose();
        await _server.DisposeAsync();
    }

    /// <summary>The watches are cut, and resume where they were.</summary>
    [Benchmark]
    public Task Resume() => StormAsync(forget: false);

    /// <summary>The watches are cut, and the server has forgotten what was before: each cache lists again.</summary>
    [Benchmark]
    public Task ListAgain() => StormAsync(forget: true);

    private async Task StormAsync(bool forget)
    {
        _server.Faults.CutWatches("configmaps");
        await ChangeAsync();
        if (forget) _server.Faults.CompactHistory();
        await HearAsync();
        // A watch that ends before it has brought anything counts as a failure, and the cache would wait longer and longer.
        await ChangeAsync();
        await HearAsync();
    }

    private Task ChangeAsync()
    {
        var change = new System.Text.Json.Nodes.JsonObject { ["data"] = new System.Text.Json.Nodes.JsonObject { ["k"] = $"{++_changes}" } };
        return _client.PatchAsync<ConfigMap>("default", "m7", Patch.Merge(change), null, null, _stop.Token);
    }

    private Task HearAsync() => Task.WhenAll(_followers.Select(async follower =>
    {
        while (await follower.MoveNextAsync() && follower.Current.Object?.Data?["k"] != $"{_changes}")
        {
        }
    }));
}
