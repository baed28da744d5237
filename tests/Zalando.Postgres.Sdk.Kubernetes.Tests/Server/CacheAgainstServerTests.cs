using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Kubernetes.Caching;
using Zalando.Postgres.Sdk.Kubernetes.Client;
using Zalando.Postgres.Sdk.Kubernetes.Configuration;
using Zalando.Postgres.Sdk.Kubernetes.Tests.Fakes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Testing.ApiServer;

namespace Zalando.Postgres.Sdk.Kubernetes.Tests.Server;

/// <summary>A cache over HTTP whose watches break at any byte, against a server that forgets its history quickly.</summary>
public sealed class CacheAgainstServerTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public Task A_quiet_cache_equals_the_server_and_each_deletion_is_seen_once() => Properties.ForSeedsAsync(4, async random =>
    {
        await using var server = await InMemoryApiServer.StartAsync(new ApiServerOptions { Controllers = [], HistoryLength = 6 }, Stop);
        using var sockets = new SocketsHttpHandler();
        using var cutting = new CuttingHandler(sockets, random);
        using var client = new KubernetesClient(KubernetesClientConfiguration.FromHandler(server.Url, cutting), new KubernetesClientOptions { RetryDelay = TimeSpan.FromMilliseconds(1) });
        var cache = ResourceCache.Create(client, new ResourceCacheOptions<ConfigMap>
        {
            Namespace = "default", PageSize = 3, LabelSelector = "mine=yes", Backoff = TimeSpan.FromMilliseconds(1), LongestBackoff = TimeSpan.FromMilliseconds(5),
        });
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        stop.CancelAfter(TimeSpan.FromMinutes(3));
        var running = cache.RunAsync(stop.Token);
        var known = new Dictionary<string, string>(StringComparer.Ordinal);
        var contradictions = new List<string>();
        Dictionary<string, string>? expected = null;
        var equal = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var following = FollowAsync();

        for (var step = 0; step < 80; step++)
        {
            var name = $"m{random.Next(8)}";
            if (random.Next(3) == 0) server.Access.Delete(KubernetesKinds.ConfigMap, "default", name);
            else Put(server, name, step);
            if (random.Next(4) == 0) await Task.Yield();
        }

        Put(server, "the-end", 0);
        var state = server.Access.List(KubernetesKinds.ConfigMap, "default")
            .Where(item => item["metadata"]!["labels"]?["mine"] is not null)
            .ToDictionary(item => item["metadata"]!["name"]!.GetValue<string>(), item => item["metadata"]!["uid"]!.GetValue<string>());
        lock (known)
        {
            expected = state;
            Check();
        }

        await equal.Task.WaitAsync(stop.Token);
        await stop.CancelAsync();
        await running;
        await following;
        Assert.Empty(contradictions);
        Assert.Equal(state.Keys.Order(StringComparer.Ordinal), cache.List().Select(item => item.Metadata.Name).Order(StringComparer.Ordinal));

        void Check()
        {
            if (expected is not null && expected.Count == known.Count && expected.All(pair => known.TryGetValue(pair.Key, out var uid) && uid == pair.Value)) equal.TrySetResult();
        }

        async Task FollowAsync()
        {
            try
            {
                await foreach (var next in cache.SubscribeAsync(stop.Token))
                {
                    lock (known)
                    {
                        var uid = next.Object?.Metadata.Uid ?? "";
                        var fits = next.Type switch
                        {
                            CacheEventType.Added => known.TryAdd(next.Name, uid),
                            CacheEventType.Modified => known.TryGetValue(next.Name, out var before) && before == uid,
                            CacheEventType.Deleted => known.Remove(next.Name, out var gone) && gone == uid,
                            _ => true,
                        };
                        if (!fits) contradictions.Add($"{next.Type} {next.Name} {uid}");
                        Check();
                    }
                }
            }
            catch (OperationCanceledException)
            {
                // The end of the run.
            }
        }
    });

    private static void Put(InMemoryApiServer server, string name, int step)
    {
        var value = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "ConfigMap",
            ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = "default", ["labels"] = new JsonObject { ["mine"] = "yes" } },
            ["data"] = new JsonObject { ["step"] = $"{step}" },
        };
        if (server.Access.Get(KubernetesKinds.ConfigMap, "default", name) is null) server.Access.Create(KubernetesKinds.ConfigMap, value);
        else server.Access.Update(KubernetesKinds.ConfigMap, value);
    }

    /// <summary>Ends each watch after some bytes, now and then with a failure.</summary>
    private sealed class CuttingHandler(HttpMessageHandler inner, Random random) : DelegatingHandler(inner)
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var response = await base.SendAsync(request, cancellationToken);
            if (!request.RequestUri!.Query.Contains("watch=true", StringComparison.Ordinal) || !response.IsSuccessStatusCode) return response;
            int bytes;
            bool breaks;
            lock (random) (bytes, breaks) = (random.Next(200, 6000), random.Next(2) == 0);
            var type = response.Content.Headers.ContentType;
            response.Content = new StreamContent(new CutStream(await response.Content.ReadAsStreamAsync(cancellationToken), bytes, breaks)) { Headers = { ContentType = type } };
            return response;
        }

        private sealed class CutStream(Stream inner, int bytes, bool breaks) : MemoryStream
        {
            private int _left = bytes;

            public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
            {
                if (_left == 0) return breaks ? throw new IOException("cut") : 0;
                var read = await inner.ReadAsync(buffer[..Math.Min(buffer.Length, _left)], cancellationToken);
                _left -= read;
                return read;
            }

            protected override void Dispose(bool disposing)
            {
                inner.Dispose();
                base.Dispose(disposing);
            }
        }
    }
}
