using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Zalando.Postgres.Sdk.Kubernetes.Caching;
using Zalando.Postgres.Sdk.Kubernetes.Client;
using Zalando.Postgres.Sdk.Kubernetes.Configuration;
using Zalando.Postgres.Sdk.Kubernetes.Tests.Fakes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Kubernetes.Tests.Caching;

public sealed class CachePropertyTests
{
    [Fact]
    public Task Whatever_happens_to_writes_watches_and_history_a_quiet_cache_equals_the_server_and_each_deletion_is_seen_once() =>
        Properties.ForAllAsync(
            from steps in Gen.Choose(0, Steps - 1).ArrayOf(60)
            from before in Gen.Choose(0, 5)
            from pageSize in Gen.Choose(1, 3)
            select new Story(steps, before, pageSize),
            RunAsync,
            runs: 60,
            // Leave out a half, then single steps: what fails is told as a short story.
            static story => story.Steps.Length == 0 ? [] :
            [
                story with { Steps = story.Steps[(story.Steps.Length / 2)..] },
                story with { Steps = story.Steps[..(story.Steps.Length / 2)] },
                .. Enumerable.Range(0, story.Steps.Length).Select(left => story with { Steps = [.. story.Steps.Where((_, i) => i != left)] }),
            ]);

    private const int Steps = 12 * 8 * 2;

    private static async Task RunAsync(Story story)
    {
        var server = new MiniServer();
        using var client = new KubernetesClient(KubernetesClientConfiguration.FromHandler(new Uri("http://server"), server.Handler),
            new KubernetesClientOptions { RetryDelay = TimeSpan.FromMilliseconds(1) });
        for (var i = 0; i < story.Before; i++) server.Put($"m{i}");
        var cache = ResourceCache.Create(client, new ResourceCacheOptions<ConfigMap>
        {
            PageSize = story.PageSize,
            Backoff = TimeSpan.FromMilliseconds(0.1),
            LongestBackoff = TimeSpan.FromMilliseconds(1),
            Indexes = new Dictionary<string, Func<ConfigMap, IEnumerable<string>>> { ["colour"] = item => item.Data?.Values ?? [] },
        });
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var running = cache.RunAsync(stop.Token);
        var fast = new Follower(cache, stop.Token, () => Task.CompletedTask);
        // A subscriber that is always late: what it hears is combined, and must still fit together.
        var slow = new Follower(cache, stop.Token, async () => await Task.Yield());

        foreach (var step in story.Steps)
        {
            var name = $"m{step / 12 % 8}";
            switch (step % 12)
            {
                case < 5:
                    server.Put(name, new JsonObject { ["colour"] = step / 96 == 0 ? "red" : "blue" });
                    break;
                case < 8:
                    server.Delete(name);
                    break;
                case 8:
                    server.CutWatches(inTheMiddle: step / 96 == 0);
                    break;
                case 9:
                    server.Compact();
                    break;
                case 10:
                    server.Compact();
                    server.CutWatches();
                    break;
                default:
                    server.Bookmark();
                    break;
            }

            if (step % 3 == 0) await Task.Yield();
        }

        // A last object makes sure that there is an event after everything else.
        server.Put("the-end");
        var expected = server.State();
        await fast.WaitForAsync(expected);
        await slow.WaitForAsync(expected);
        await stop.CancelAsync();
        await running;

        Assert.Equal(expected.OrderBy(pair => pair.Key), cache.List().ToDictionary(item => item.Metadata.Name!, item => item.Metadata.ResourceVersion!).OrderBy(pair => pair.Key));
        Assert.Equal(expected.Count, cache.Count);
        foreach (var colour in (string[])["red", "blue"])
        {
            Assert.Equal(cache.List().Where(item => item.Data?.Values.Contains(colour) == true).Select(item => item.Metadata.Name).Order(StringComparer.Ordinal),
                cache.ByIndex("colour", colour).Select(item => item.Metadata.Name).Order(StringComparer.Ordinal));
        }

        foreach (var follower in (Follower[])[fast, slow])
        {
            Assert.Empty(follower.Contradictions);
            Assert.Equal(expected.OrderBy(pair => pair.Key), follower.Known.Select(pair => KeyValuePair.Create(pair.Key, pair.Value.Version)).OrderBy(pair => pair.Key));
        }
    }

    private sealed record Story(int[] Steps, int Before, int PageSize)
    {
        public override string ToString() => $"{Before} objects, {PageSize} per page, steps {string.Join(' ', Steps)}";
    }

    /// <summary>Builds its own picture from the events and notes what cannot be: a second addition, a deletion of something unknown or of another object.</summary>
    private sealed class Follower
    {
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private volatile Dictionary<string, string>? _expected;

        public Follower(ResourceCache<ConfigMap> cache, CancellationToken cancellationToken, Func<Task> pause) => _ = FollowAsync(cache, pause, cancellationToken);

        public Dictionary<string, (string Uid, string Version)> Known { get; } = [];

        public ConcurrentBag<string> Contradictions { get; } = [];

        public async Task WaitForAsync(Dictionary<string, string> expected)
        {
            _expected = expected;
            lock (Known) Check();
            try
            {
                await _done.Task.WaitAsync(TimeSpan.FromMinutes(2), TimeProvider.System, TestContext.Current.CancellationToken);
            }
            catch (TimeoutException)
            {
                // The assertions that follow say what is missing.
            }
        }

        private void Check()
        {
            if (_expected is { } expected && expected.Count == Known.Count && expected.All(pair => Known.TryGetValue(pair.Key, out var known) && known.Version == pair.Value)) _done.TrySetResult();
        }

        private async Task FollowAsync(ResourceCache<ConfigMap> cache, Func<Task> pause, CancellationToken cancellationToken)
        {
            var initialLists = 0;
            try
            {
                await foreach (var next in cache.SubscribeAsync(cancellationToken))
                {
                    await pause();
                    lock (Known)
                    {
                        Note(next, ref initialLists);
                        Check();
                    }
                }
            }
            catch (OperationCanceledException)
            {
                // The end of the test.
            }
            catch (Exception exception)
            {
                _done.TrySetException(exception);
            }
        }

        private void Note(CacheEvent<ConfigMap> next, ref int initialLists)
        {
            var uid = next.Object?.Metadata.Uid ?? "";
            var ok = next.Type switch
            {
                CacheEventType.Added => Known.TryAdd(next.Name, (uid, next.Object!.Metadata.ResourceVersion!)),
                CacheEventType.Modified => Known.TryGetValue(next.Name, out var before) && before.Uid == uid,
                CacheEventType.Deleted => Known.Remove(next.Name, out var gone) && gone.Uid == uid,
                CacheEventType.InitialListComplete => ++initialLists == 1,
                _ => false,
            };
            if (!ok) Contradictions.Add($"{next.Type} {next.Name} {uid}");
            if (next.Type == CacheEventType.Modified) Known[next.Name] = (uid, next.Object!.Metadata.ResourceVersion!);
        }
    }
}
