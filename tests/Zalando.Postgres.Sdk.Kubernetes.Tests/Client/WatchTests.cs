using System.Text;
using Zalando.Postgres.Sdk.Kubernetes.Client;
using Zalando.Postgres.Sdk.Kubernetes.Configuration;
using Zalando.Postgres.Sdk.Kubernetes.Tests.Fakes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Testing.Time;

namespace Zalando.Postgres.Sdk.Kubernetes.Tests.Client;

public sealed class WatchTests
{
    private readonly ManualTimeProvider _clock = new();
    private readonly PushStream _body = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Events_arrive_one_by_one_with_their_versions()
    {
        _body.Push(Event("ADDED", "a", 1));
        _body.Push("""{"object":{"kind":"ConfigMap","metadata":{"name":"b","namespace":"ns","resourceVersion":"2"}},"type":"MODIFIED"}""");
        _body.Push("");
        _body.PushRaw(Event("DELETED", "c", 3) + "\r\n");
        _body.Push("""{"type":"BOOKMARK","object":{"kind":"ConfigMap","apiVersion":"v1","metadata":{"resourceVersion":"4","creationTimestamp":null,"annotations":{"k8s.io/initial-events-end":"true"}}}}""");
        // A server may forget the last line feed.
        _body.PushRaw(Event("ADDED", "d", 5));
        _body.Complete();
        var events = await AllAsync(Watch());
        Assert.Equal(
            [(WatchEventType.Added, "a", "1"), (WatchEventType.Modified, "b", "2"), (WatchEventType.Deleted, "c", "3"), (WatchEventType.Bookmark, null, "4"), (WatchEventType.Added, "d", "5")],
            events.Select(item => (item.Type, item.Object?.Metadata.Name, item.ResourceVersion)));
    }

    [Fact]
    public async Task An_error_event_carries_the_servers_words()
    {
        _body.Push("""{"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","status":"Failure","message":"too old resource version: 1 (5)","reason":"Expired","code":410}}""");
        _body.Complete();
        var error = Assert.Single(await AllAsync(Watch()));
        Assert.True(error.Error!.IsGone);
        Assert.Contains("too old resource version", error.Error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_object_that_does_not_fit_its_type_is_an_event_and_the_stream_goes_on()
    {
        _body.Push("""{"type":"MODIFIED","object":{"metadata":{"name":"bad","namespace":"ns","resourceVersion":"8"},"data":{"k":{"not":"text"}}}}""");
        _body.Push("""{"type":"MODIFIED","object":{"metadata":{"name":"worse","resour""");
        _body.Push("""{"type":"SOMETHING","object":{"metadata":{"name":"x"}}}""");
        _body.Push(Event("ADDED", "good", 9));
        _body.Complete();
        var events = await AllAsync(Watch());
        Assert.Equal([WatchEventType.Unreadable, WatchEventType.Unreadable, WatchEventType.Unreadable, WatchEventType.Added], events.Select(item => item.Type));
        Assert.Equal(("bad", "8", WatchEventType.Modified), (events[0].Raw!["metadata"]!["name"]!.GetValue<string>(), events[0].ResourceVersion, events[0].ReportedType));
        Assert.Contains("ns/bad", events[0].Error!.Message, StringComparison.Ordinal);
        // A broken line has no version: resuming brings it again.
        Assert.Equal(("worse", null, WatchEventType.Modified), (events[1].Raw!["metadata"]!["name"]!.GetValue<string>(), events[1].ResourceVersion, events[1].ReportedType));
        Assert.Contains("SOMETHING", events[2].Error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_object_of_five_megabytes_is_read_and_one_beyond_the_limit_is_named()
    {
        var large = $$"""{"type":"ADDED","object":{"metadata":{"name":"large","namespace":"ns","resourceVersion":"1"},"data":{"k":"{{new string('x', 5_000_000)}}"} } }""";
        _body.Push(large);
        _body.Push(large.Replace("large", "larger", StringComparison.Ordinal).Replace("\"k\":\"", "\"k\":\"" + new string('y', 2_000_000), StringComparison.Ordinal));
        _body.Push(Event("ADDED", "small", 2));
        _body.Complete();
        var events = await AllAsync(Watch(new KubernetesClientOptions { MaximumObjectSize = 6_000_000 }));
        Assert.Equal([WatchEventType.Added, WatchEventType.Unreadable, WatchEventType.Added], events.Select(item => item.Type));
        Assert.Equal(5_000_000, events[0].Object!.Data!["k"].Length);
        Assert.Equal(("larger", "1", WatchEventType.Added), (events[1].Raw!["metadata"]!["name"]!.GetValue<string>(), events[1].ResourceVersion, events[1].ReportedType));
        Assert.Contains("6000000 bytes", events[1].Error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stream_that_ends_in_the_middle_of_an_event_says_so_after_the_events_before()
    {
        _body.Push(Event("ADDED", "a", 1));
        _body.PushRaw(Event("ADDED", "b", 2)[..40]);
        _body.Complete();
        var seen = 0;
        var exception = await Assert.ThrowsAsync<KubernetesApiException>(async () =>
        {
            await foreach (var _ in Watch()) seen++;
        });
        Assert.Equal(1, seen);
        Assert.True(exception.IsTransient);
        Assert.Contains("in the middle of an event", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_that_breaks_is_a_failure_that_may_pass()
    {
        _body.Complete(new IOException("connection reset by peer"));
        var exception = await Assert.ThrowsAsync<KubernetesApiException>(() => AllAsync(Watch()));
        Assert.True(exception.IsUnanswered);
        Assert.Contains("connection reset by peer", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_watch_whose_connection_dies_silently_is_noticed_within_its_deadline()
    {
        var watching = AllAsync(Watch(options: new WatchOptions { Timeout = TimeSpan.FromMinutes(5) }));
        await _clock.WaitForPendingTimersAsync(1, Stop);
        await _clock.AdvanceAsync(TimeSpan.FromMinutes(5), Stop);
        Assert.False(watching.IsCompleted);
        await _clock.AdvanceAsync(TimeSpan.FromSeconds(31), Stop);
        var exception = await Assert.ThrowsAsync<KubernetesApiException>(() => watching);
        Assert.Contains("the connection is dead", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 300)]
    [InlineData(0.999, 600)]
    public async Task Watches_ask_for_an_end_spread_over_minutes(double random, int seconds)
    {
        _body.Complete();
        var handler = new ScriptedHandler(_ => ScriptedHandler.Stream(_body));
        await AllAsync(Watch(new KubernetesClientOptions { Random = () => random }, new WatchOptions { ResourceVersion = "7", LabelSelector = "a=b" }, handler));
        Assert.Equal($"?watch=true&labelSelector=a=b&resourceVersion=7&allowWatchBookmarks=true&timeoutSeconds={seconds}", handler.Requests.Single().Query);
    }

    [Fact]
    public async Task Bytes_may_arrive_in_any_portions()
    {
        var text = string.Concat(Enumerable.Range(1, 20).Select(i => Event("ADDED", $"é{i}", i) + "\n"));
        await Properties.ForSeedsAsync(20, async random =>
        {
            var portions = new Portions(Encoding.UTF8.GetBytes(text), random);
            var events = await AllAsync(Watch(handler: new ScriptedHandler(_ => ScriptedHandler.Stream(portions))));
            Assert.Equal(Enumerable.Range(1, 20).Select(i => $"é{i}"), events.Select(item => item.Object!.Metadata.Name!));
        });
    }

    private static string Event(string type, string name, int version) =>
        $$"""{"type":"{{type}}","object":{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"{{name}}","namespace":"ns","uid":"u","resourceVersion":"{{version}}"},"data":{"k":"v"} } }""";

    private static async Task<List<WatchEvent<ConfigMap>>> AllAsync(IAsyncEnumerable<WatchEvent<ConfigMap>> events)
    {
        var all = new List<WatchEvent<ConfigMap>>();
        await foreach (var item in events) all.Add(item);
        return all;
    }

    private IAsyncEnumerable<WatchEvent<ConfigMap>> Watch(KubernetesClientOptions? client = null, WatchOptions? options = null, ScriptedHandler? handler = null) =>
        new KubernetesClient(
            KubernetesClientConfiguration.FromHandler(new Uri("http://server"), handler ?? new ScriptedHandler(_ => ScriptedHandler.Stream(_body))),
            (client ?? new KubernetesClientOptions()) with { TimeProvider = _clock })
        .WatchAsync<ConfigMap>("ns", options ?? new WatchOptions(), Stop);

    private sealed class Portions(byte[] bytes, Random random) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, random.Next(1, 60))], cancellationToken);
    }
}
