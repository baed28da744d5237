using Zalando.Postgres.Sdk.Kubernetes.Caching;
using Zalando.Postgres.Sdk.Kubernetes.Client;
using Zalando.Postgres.Sdk.Kubernetes.Configuration;
using Zalando.Postgres.Sdk.Kubernetes.Tests.Fakes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Kubernetes.Tests.Caching;

/// <summary>Measures the heap, so nothing else may run beside it.</summary>
[Collection(nameof(CacheMemoryTests))]
[CollectionDefinition(nameof(CacheMemoryTests), DisableParallelization = true)]
public sealed class CacheMemoryTests
{
    [Fact]
    public async Task Fifty_thousand_objects_are_listed_in_memory_that_does_not_grow_with_them()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var server = new MiniServer();
        const int objects = 50_000;
        const int perPage = 500;
        var padding = new string('p', 2000);
        var served = 0;
        server.Intercept = request =>
        {
            if (request.Query.Contains("watch", StringComparison.Ordinal)) return null;
            var text = new System.Text.StringBuilder($$"""{"metadata":{"resourceVersion":"100","continue":"{{(served + perPage < objects ? $"t{served}" : "")}}"},"items":[""");
            for (var i = 0; i < perPage; i++)
                text.Append(i == 0 ? "" : ",").Append(System.Globalization.CultureInfo.InvariantCulture, $$$"""{"metadata":{"name":"m{{{served + i}}}","namespace":"ns","resourceVersion":"1"},"data":{"k":"{{{padding}}}"}}""");
            served += perPage;
            return ScriptedHandler.Json(text.Append("]}").ToString());
        };
        using var client = new KubernetesClient(KubernetesClientConfiguration.FromHandler(new Uri("http://server"), server.Handler));
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var cache = ResourceCache.Create(client, new ResourceCacheOptions<ConfigMap> { Projection = item => new ConfigMap { Metadata = item.Metadata } });
        var running = cache.RunAsync(stop.Token);
        await cache.WaitForInitialListAsync(stop.Token);
        Assert.Equal(objects, cache.Count);
        // 50,000 objects of 2 kB (as UTF-16: 200 MB) pass through; what stays is names and versions.
        var kept = GC.GetTotalMemory(forceFullCollection: true) - before;
        Assert.InRange(kept, 0, 60_000_000);
        await stop.CancelAsync();
        await running;
    }
}
