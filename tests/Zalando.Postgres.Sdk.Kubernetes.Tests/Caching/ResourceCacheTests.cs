using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Kubernetes.Caching;
using Zalando.Postgres.Sdk.Kubernetes.Client;
using Zalando.Postgres.Sdk.Kubernetes.Configuration;
using Zalando.Postgres.Sdk.Kubernetes.Tests.Fakes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Kubernetes.Tests.Caching;

public sealed class ResourceCacheTests : IAsyncDisposable
{
    private readonly MiniServer _server = new();
    private readonly KubernetesClient _client;
    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private Task _run = Task.CompletedTask;

    public ResourceCacheTests() =>
        _client = new KubernetesClient(KubernetesClientConfiguration.FromHandler(new Uri("http://server"), _server.Handler), new KubernetesClientOptions { RetryDelay = TimeSpan.FromMilliseconds(1) });

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _run;
        _client.Dispose();
        _stop.Dispose();
    }

    [Fact]
    public async Task A_cache_holds_what_the_server_lists_and_follows_what_changes()
    {
        for (var i = 0; i < 5; i++) _server.Put($"m{i}");
        var cache = Start(pageSize: 2);
        await using var events = cache.SubscribeAsync(_stop.Token).GetAsyncEnumerator();
        await cache.WaitForInitialListAsync(_stop.Token);
        Assert.Equal(5, cache.Count);
        for (var i = 0; i < 5; i++) Assert.Equal(CacheEventType.Added, (await NextAsync(events)).Type);
        Assert.Equal(CacheEventType.InitialListComplete, (await NextAsync(events)).Type);

        _server.Put("m1", new JsonObject { ["key"] = "new" });
        var changed = await NextAsync(events);
        Assert.Equal((CacheEventType.Modified, "ns", "m1"), (changed.Type, changed.Namespace, changed.Name));
        Assert.Equal("new", changed.Object!.Data!["key"]);
        Assert.Empty(changed.Previous!.Data!);
        Assert.Same(changed.Object, cache.Get("ns", "m1"));

        _server.Delete("m3");
        var gone = await NextAsync(events);
        Assert.Equal((CacheEventType.Deleted, "m3"), (gone.Type, gone.Name));
        Assert.Null(cache.Get("ns", "m3"));
        Assert.Equal(4, cache.List("ns").Count);
        Assert.Empty(cache.List("other"));
    }

    [Fact]
    public async Task A_deletion_that_nobody_watched_is_found_by_the_next_list_on_whatever_page()
    {
        for (var i = 0; i < 5; i++) _server.Put($"m{i}");
        var cache = Start(pageSize: 2);
        await cache.WaitForInitialListAsync(_stop.Token);
        await using var events = cache.SubscribeAsync(_stop.Token).GetAsyncEnumerator();
        for (var i = 0; i < 6; i++) await NextAsync(events);
        _server.CutWatches();
        _server.Delete("m4");
        _server.Delete("m0");
        _server.Put("m0");
        _server.Put("m9");
        _server.Compact();
        _server.CutWatches();
        var seen = new List<string>();
        for (var i = 0; i < 4; i++)
        {
            var next = await NextAsync(events);
            seen.Add($"{next.Type} {next.Name}");
        }

        Assert.Equal(["Added m0", "Added m9", "Deleted m0", "Deleted m4"], seen.Order(StringComparer.Ordinal));
        Assert.Equal(_server.State().Keys.Order(StringComparer.Ordinal), cache.List().Select(item => item.Metadata.Name).Order(StringComparer.Ordinal));
    }

    private static async Task<CacheEvent<ConfigMap>> NextAsync(IAsyncEnumerator<CacheEvent<ConfigMap>> events)
    {
        Assert.True(await events.MoveNextAsync());
        return events.Current;
    }

    private ResourceCache<ConfigMap> Start(int pageSize = 500, ResourceCacheOptions<ConfigMap>? options = null)
    {
        var cache = ResourceCache.Create(_client, (options ?? new ResourceCacheOptions<ConfigMap>()) with { PageSize = pageSize, Backoff = TimeSpan.FromMilliseconds(1), LongestBackoff = TimeSpan.FromMilliseconds(2) });
        _run = cache.RunAsync(_stop.Token);
        return cache;
    }
}
