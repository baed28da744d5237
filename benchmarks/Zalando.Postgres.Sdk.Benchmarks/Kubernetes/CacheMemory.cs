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

    private static async Task PrintAsync<T>(string name, Func<IKubernetesClient, ResourceCache<T>> make)
        where T : class
    {
        using var client = new KubernetesClient(KubernetesClientConfiguration.FromHandler(new Uri("http://server"), new PodServer(Pods, 0)));
        using var stop = new CancellationTokenSource();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var cache = make(client);
        var running = cache.RunAsync(stop.Token);
        await cache.WaitForInitialListAsync(CancellationToken.None);
        await stop.CancelAsync();
        await running;
        var kept = GC.GetTotalMemory(forceFullCollection: true) - before;
        Console.WriteLine($"{name,-18} {kept / 1e6,6:0.0} MB for {cache.Count:N0} pods");
    }
}
