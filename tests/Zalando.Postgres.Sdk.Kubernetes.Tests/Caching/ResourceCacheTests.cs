using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Kubernetes.Caching;
using Zalando.Postgres.Sdk.Kubernetes.Client;
using Zalando.Postgres.Sdk.Kubernetes.Configuration;
using Zalando.Postgres.Sdk.Kubernetes.Tests.Fakes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Testing.Time;

namespace Zalando.Postgres.Sdk.Kubernetes.Tests.Caching;

public sealed class ResourceCacheTests : IAsyncDisposable
{
    private readonly MiniServer _server = new();
    private readonly KubernetesClient _client;
    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private Task _run = Task.CompletedTask;

    public ResourceCacheTests()
    {
        // A test that waits for what never comes fails instead of hanging.
        _stop.CancelAfter(TimeSpan.FromMinutes(2));
        _client = new KubernetesClient(KubernetesClientConfiguration.FromHandler(new Uri("http://server"), _server.Handler), new KubernetesClientOptions { RetryDelay = TimeSpan.FromMilliseconds(1) });
    }

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

    [Fact]
    public async Task A_projection_decides_what_is_kept_and_managed_fields_are_never()
    {
        _server.Intercept = request => request.Query.Contains("watch", StringComparison.Ordinal) ? null : ScriptedHandler.Json("""
            {"metadata":{"resourceVersion":"100"},"items":[{"metadata":{"name":"a","namespace":"ns","resourceVersion":"5","managedFields":[{"manager":"x"}]},"data":{"keep":"1","drop":"2"}}]}
            """);
        var plain = Start();
        await plain.WaitForInitialListAsync(_stop.Token);
        Assert.Null(plain.Get("ns", "a")!.Metadata.ManagedFields);
        Assert.Equal(2, plain.Get("ns", "a")!.Data!.Count);

        var projecting = ResourceCache.Create(_client, KubernetesKinds.ConfigMap, new ResourceCacheOptions<JsonObject>
        {
            Projection = item => new JsonObject { ["metadata"] = item["metadata"]!.DeepClone(), ["keep"] = item["data"]!["keep"]!.DeepClone() },
        });
        var running = projecting.RunAsync(_stop.Token);
        await projecting.WaitForInitialListAsync(_stop.Token);
        Assert.Equal("1", projecting.Get("ns", "a")!["keep"]!.GetValue<string>());
        Assert.False(projecting.Get("ns", "a")!.ContainsKey("data"));
        await _stop.CancelAsync();
        await running;
    }

    [Fact]
    public async Task An_unreadable_object_is_reported_kept_as_it_was_and_not_taken_for_deleted()
    {
        _server.Put("good");
        _server.Put("turns-bad");
        var cache = Start();
        await cache.WaitForInitialListAsync(_stop.Token);
        await using var events = cache.SubscribeAsync(_stop.Token).GetAsyncEnumerator();
        for (var i = 0; i < 3; i++) await NextAsync(events);

        _server.Put("turns-bad", new JsonObject { ["k"] = 5 });
        var bad = await NextAsync(events);
        Assert.Equal((CacheEventType.Unreadable, "turns-bad"), (bad.Type, bad.Name));
        Assert.Contains("$.data.k", bad.Unreadable!.Error.Message, StringComparison.Ordinal);
        Assert.NotNull(cache.Get("ns", "turns-bad"));
        Assert.Single(cache.Unreadable);

        // A new list shows it unreadable again; nothing is deleted.
        var gone = 1;
        _server.Intercept = request => gone-- > 0 ? ScriptedHandler.Failure(410, "Expired", "too old resource version") : null;
        _server.CutWatches();
        Assert.Equal(CacheEventType.Unreadable, (await NextAsync(events)).Type);
        Assert.Equal(2, cache.Count);

        _server.Put("turns-bad", new JsonObject { ["k"] = "fine" });
        Assert.Equal((CacheEventType.Modified, "turns-bad"), ((await NextAsync(events)) is { } next ? (next.Type, next.Name) : default));
        Assert.Empty(cache.Unreadable);

        _server.Put("turns-bad", new JsonObject { ["k"] = 6 });
        Assert.Equal(CacheEventType.Unreadable, (await NextAsync(events)).Type);
        _server.Delete("turns-bad");
        Assert.Equal((CacheEventType.Deleted, "turns-bad"), ((await NextAsync(events)) is { } deleted ? (deleted.Type, deleted.Name) : default));
        Assert.Empty(cache.Unreadable);
        Assert.Equal(1, cache.Count);
    }

    [Fact]
    public async Task A_line_that_stays_broken_leads_to_a_new_list_and_nothing_is_lost()
    {
        _server.Put("a");
        var cache = Start();
        await cache.WaitForInitialListAsync(_stop.Token);
        await using var events = cache.SubscribeAsync(_stop.Token).GetAsyncEnumerator();
        for (var i = 0; i < 2; i++) await NextAsync(events);
        _server.Send("""{"type":"ADDED","object":{"meta""");
        _server.Put("b");
        CacheEvent<ConfigMap> next;
        do next = await NextAsync(events);
        while (next.Type == CacheEventType.Unreadable);
        Assert.Equal((CacheEventType.Added, "b"), (next.Type, next.Name));
    }

    [Fact]
    public async Task A_server_that_is_not_allowed_or_not_there_is_tried_again_and_the_reason_can_be_seen()
    {
        var refusals = 3;
        _server.Intercept = _ => refusals-- > 0 ? ScriptedHandler.Failure(403, "Forbidden", "configmaps is forbidden") : null;
        _server.Put("a");
        var cache = Start();
        await cache.WaitForInitialListAsync(_stop.Token);
        Assert.Equal(1, cache.Count);
        Assert.Null(cache.LastError);
        Assert.True(refusals < 0);
    }

    [Theory]
    [InlineData("a page of HTML instead of a watch")]
    [InlineData("a page of HTML instead of a list")]
    [InlineData("half a line")]
    [InlineData("a line that is no event")]
    [InlineData("an event of an unknown type")]
    [InlineData("five megabytes")]
    public async Task Whatever_breaks_on_the_way_is_told_and_nothing_is_lost(string what)
    {
        _server.Put("a");
        var cache = Start();
        await cache.WaitForInitialListAsync(_stop.Token);
        await using var events = cache.SubscribeAsync(_stop.Token).GetAsyncEnumerator();
        for (var i = 0; i < 2; i++) await NextAsync(events);

        var told = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var pages = 2;
        switch (what)
        {
            case "a page of HTML instead of a watch" or "a page of HTML instead of a list":
                var isWatch = what.EndsWith("watch", StringComparison.Ordinal);
                var gone = isWatch ? 0 : 1;
                _server.Intercept = request =>
                {
                    var watches = request.Query.Contains("watch", StringComparison.Ordinal);
                    if (watches && gone-- > 0) return ScriptedHandler.Failure(410, "Expired", "too old resource version");
                    if (watches != isWatch) return null;
                    if (cache.LastError is { } error) told.TrySetResult(error.Message);
                    if (pages-- <= 0) return null;
                    return new HttpResponseMessage(System.Net.HttpStatusCode.OK) { Content = new StringContent("<html>Please log in</html>", System.Text.Encoding.UTF8, "text/html") };
                };
                _server.CutWatches();
                break;
            case "half a line":
                _server.CutWatches(inTheMiddle: true);
                break;
            case "a line that is no event":
                _server.Send("Bad Gateway");
                break;
            case "an event of an unknown type":
                _server.Send("""{"type":"RENAMED","object":{"metadata":{"name":"a"}}}""");
                break;
            default:
                _server.Put("large", new JsonObject { ["k"] = new string('x', 5 * 1024 * 1024) });
                break;
        }

        _server.Put("after");
        CacheEvent<ConfigMap> next;
        do
        {
            next = await NextAsync(events);
            if (next.Type == CacheEventType.Unreadable) told.TrySetResult(next.Unreadable!.Error.Message);
        }
        while (next.Name != "after");
        Assert.Equal(_server.State().OrderBy(pair => pair.Key), cache.List().ToDictionary(item => item.Metadata.Name!, item => item.Metadata.ResourceVersion!).OrderBy(pair => pair.Key));
        if (what.StartsWith("a page", StringComparison.Ordinal)) Assert.Contains("Please log in", await told.Task.WaitAsync(_stop.Token), StringComparison.Ordinal);
        if (what is "a line that is no event" or "an event of an unknown type") Assert.True(told.Task.IsCompletedSuccessfully);
        if (what == "five megabytes") Assert.Equal(5 * 1024 * 1024, cache.Get("ns", "large")!.Data!["k"].Length);
    }

    [Fact]
    public async Task A_watch_whose_connection_dies_silently_is_replaced_and_what_it_missed_is_told()
    {
        var clock = new ManualTimeProvider();
        using var client = new KubernetesClient(KubernetesClientConfiguration.FromHandler(new Uri("http://server"), _server.Handler), new KubernetesClientOptions { TimeProvider = clock, Random = () => 0 });
        _server.Put("a");
        _server.Put("goes");
        var cache = ResourceCache.Create(client, new ResourceCacheOptions<ConfigMap> { TimeProvider = clock, Random = () => 0 });
        _run = cache.RunAsync(_stop.Token);
        await using var events = cache.SubscribeAsync(_stop.Token).GetAsyncEnumerator();
        for (var i = 0; i < 3; i++) await NextAsync(events);
        while (_server.OpenWatches == 0) await Task.Yield();

        _server.SilenceWatches();
        _server.Put("b");
        _server.Delete("goes");
        var next = NextAsync(events);
        // 5 minutes were asked for; half a minute later the connection counts as dead. Then there is a pause.
        while (!next.IsCompleted) await clock.AdvanceAsync(TimeSpan.FromSeconds(10), _stop.Token);
        Assert.Equal((CacheEventType.Added, "b"), ((await next).Type, (await next).Name));
        Assert.Equal((CacheEventType.Deleted, "goes"), (await NextAsync(events)) is { } gone ? (gone.Type, gone.Name) : default);
        Assert.Single(_server.Handler.Requests, request => !request.Query.Contains("watch", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_list_whose_pages_expire_is_asked_for_again_and_at_last_in_one_piece()
    {
        for (var i = 0; i < 4; i++) _server.Put($"m{i}");
        _server.Intercept = request => request.Query.Contains("continue", StringComparison.Ordinal) ? ScriptedHandler.Failure(410, "Expired", "the provided continue parameter is too old") : null;
        var cache = Start(pageSize: 2);
        await cache.WaitForInitialListAsync(_stop.Token);
        Assert.Equal(4, cache.Count);
        Assert.DoesNotContain("limit", _server.Handler.Requests.Last(request => !request.Query.Contains("watch", StringComparison.Ordinal)).Query, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bookmarks_move_the_version_so_that_compaction_needs_no_new_list()
    {
        _server.Put("a");
        var cache = Start();
        await cache.WaitForInitialListAsync(_stop.Token);
        await using var events = cache.SubscribeAsync(_stop.Token).GetAsyncEnumerator();
        for (var i = 0; i < 2; i++) await NextAsync(events);
        _server.Put("b");
        await NextAsync(events);
        _server.Compact();
        _server.Bookmark();
        _server.CutWatches();
        _server.Put("c");
        Assert.Equal("c", (await NextAsync(events)).Name);
        Assert.Single(_server.Handler.Requests, request => !request.Query.Contains("watch", StringComparison.Ordinal));
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
