using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Kubernetes.Caching;
using Zalando.Postgres.Sdk.Kubernetes.Client;
using Zalando.Postgres.Sdk.Kubernetes.Configuration;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Benchmarks.Kubernetes;

/// <summary>What 10,000 pods cost in a cache: everything, without managed fields (the default), projected, and as JSON.</summary>
internal static class CacheMemory
{
    private const int Pods = 10_000;

    public static async Task PrintAsync()
    {
        await PrintAsync("typed, everything", client => ResourceCache.Create(client, new ResourceCacheOptions<Pod> { Projection = pod => pod }));
        await PrintAsync("typed, default", client => ResourceCache.Create<Pod>(client));
        await PrintAsync("typed, projected", client => ResourceCache.Create(client, new ResourceCacheOptions<Pod>
        {
            Projection = pod => new Pod
            {
                Metadata = new ObjectMeta { Name = pod.Metadata.Name, Namespace = pod.Metadata.Namespace, Uid = pod.Metadata.Uid, ResourceVersion = pod.Metadata.ResourceVersion, Labels = pod.Metadata.Labels },
                Status = new PodStatus { Phase = pod.Status?.Phase, PodIP = pod.Status?.PodIP },
            },
        }));
        await PrintAsync("JSON, default", client => ResourceCache.Create(client, KubernetesKinds.Pod, new ResourceCacheOptions<JsonObject>()));
    }

    // What the run before has left behind goes only after its last continuations have.
    private static async Task<long> SettledAsync()
    {
        var least = long.MaxValue;
        for (var quiet = 0; quiet < 5; quiet++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
            var now = GC.GetTotalMemory(forceFullCollection: true);
            if (now < least - 1_000_000) quiet = 0;
            least = Math.Min(least, now);
        }

        return least;
    }

    private static async Task PrintAsync<T>(string name, Func<IKubernetesClient, ResourceCache<T>> make)
        where T : class
    {
        using var client = new KubernetesClient(KubernetesClientConfiguration.FromHandler(new Uri("http://server"), new PodServer(Pods, 0)));
        using var stop = new CancellationTokenSource();
        var before = await SettledAsync();
        var cache = make(client);
        var running = cache.RunAsync(stop.Token);
        await cache.WaitForInitialListAsync(CancellationToken.None);
        await stop.CancelAsync();
        await running;
        var kept = await SettledAsync() - before;
        GC.KeepAlive(cache);
        Console.WriteLine($"{name,-18} {kept / 1e6,6:0.0} MB for {cache.Count:N0} pods");
    }
}
