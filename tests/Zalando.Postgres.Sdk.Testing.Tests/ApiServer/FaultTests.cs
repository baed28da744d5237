using System.Text.Json.Nodes;
using Xunit;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Testing.ApiServer;
using Zalando.Postgres.Sdk.Testing.ApiServer.Faults;
using Zalando.Postgres.Sdk.Testing.Time;

namespace Zalando.Postgres.Sdk.Testing.Tests.ApiServer;

public sealed class FaultTests
{
    private const string Maps = "/api/v1/namespaces/default/configmaps";

    [Fact]
    public async Task The_next_requests_fail_as_often_as_asked_and_then_no_more()
    {
        await using var server = await StartAsync();
        using var http = server.Client();
        server.Faults.FailNext(HttpMethod.Post, "configmaps", 409, count: 2);

        var codes = new List<int>();
        foreach (var name in (string[])["a", "b", "c"]) codes.Add((await http.SendAsync("POST", Maps, Requests.ConfigMap(name))).Code);

        Assert.Equal([409, 409, 201], codes);
        Assert.Equal(2, server.Faults.Hits);
        Assert.Single(server.Access.List(KubernetesKinds.ConfigMap, "default"));
    }

    [Fact]
    public async Task A_fault_hits_only_what_it_names()
    {
        await using var server = await StartAsync();
        using var http = server.Client();
        server.Faults.Add(new InjectedFault { Verb = "get", Group = "", Resource = "configmaps", Namespace = "default", Name = "b", Code = 503, RetryAfterSeconds = 7, Message = "not now" });
        await http.SendAsync("POST", Maps, Requests.ConfigMap("a"));
        await http.SendAsync("POST", Maps, Requests.ConfigMap("b"));

        Assert.Equal(200, (await http.SendAsync("GET", Maps + "/a")).Code);
        Assert.Equal(200, (await http.SendAsync("GET", Maps)).Code);
        using var refused = await http.GetAsync(Maps + "/b", Requests.Token);
        Assert.Equal((503, 7.0), ((int)refused.StatusCode, refused.Headers.RetryAfter?.Delta?.TotalSeconds));
        Assert.Contains("not now", await refused.Content.ReadAsStringAsync(Requests.Token), StringComparison.Ordinal);
        Assert.Equal(200, (await http.SendAsync("GET", Maps + "/b")).Code);
    }

    [Fact]
    public async Task A_delay_waits_on_the_servers_clock()
    {
        var time = new ManualTimeProvider();
        await using var server = await InMemoryApiServer.StartAsync(new ApiServerOptions { Controllers = [], TimeProvider = time }, Requests.Token);
        using var http = server.Client();
        server.Faults.DelayNext("list", "configmaps", TimeSpan.FromMinutes(5));

        var listing = http.SendAsync("GET", Maps);
        while (server.Faults.Hits == 0) await Task.Yield();
        Assert.False(listing.IsCompleted);
        await PassAsync(time, listing, TimeSpan.FromMinutes(1));

        Assert.Equal(200, (await listing).Code);
    }

    [Fact]
    public async Task A_page_of_a_proxy_is_html()
    {
        await using var server = await StartAsync();
        using var http = server.Client();
        server.Faults.Add(new InjectedFault { Resource = "configmaps", Html = true });

        using var answer = await http.GetAsync(Maps, Requests.Token);

        Assert.Equal(502, (int)answer.StatusCode);
        Assert.Equal("text/html", answer.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task A_connection_drops_in_the_middle_of_an_answer_and_the_request_was_carried_out()
    {
        await using var server = await StartAsync();
        using var http = server.Client();
        server.Faults.Add(new InjectedFault { Verb = "create", DropAfterBytes = 20 });

        await Assert.ThrowsAnyAsync<HttpRequestException>(() => http.SendAsync("POST", Maps, Requests.ConfigMap("a")));

        Assert.NotNull(server.Access.Get(KubernetesKinds.ConfigMap, "default", "a"));
    }

    [Fact]
    public async Task A_lost_answer_is_a_lost_connection()
    {
        await using var server = await StartAsync();
        using var http = server.Client();
        server.Faults.Add(new InjectedFault { Verb = "create", LoseAnswer = true });

        await Assert.ThrowsAnyAsync<HttpRequestException>(() => http.SendAsync("POST", Maps, Requests.ConfigMap("a")));

        Assert.NotNull(server.Access.Get(KubernetesKinds.ConfigMap, "default", "a"));
    }

    [Fact]
    public async Task A_watch_ends_with_half_a_line()
    {
        await using var server = await StartAsync();
        using var http = server.Client();
        server.Access.Create(KubernetesKinds.ConfigMap, (JsonObject)JsonNode.Parse(Requests.ConfigMap("a", ",\"namespace\":\"default\""))!);
        server.Faults.Add(new InjectedFault { Verb = "watch", DropAfterBytes = 30 });

        using var response = await http.GetAsync(Maps + "?watch=true", HttpCompletionOption.ResponseHeadersRead, Requests.Token);
        await using var stream = await response.Content.ReadAsStreamAsync(Requests.Token);
        var received = new MemoryStream();
        await Assert.ThrowsAnyAsync<Exception>(() => stream.CopyToAsync(received, Requests.Token));

        Assert.StartsWith("{\"type\":\"ADDED\"", System.Text.Encoding.UTF8.GetString(received.ToArray()), StringComparison.Ordinal);
        Assert.InRange(received.Length, 1, 30);
    }

    [Fact]
    public async Task A_slow_answer_arrives_whole_when_its_time_has_passed()
    {
        var time = new ManualTimeProvider();
        await using var server = await InMemoryApiServer.StartAsync(new ApiServerOptions { Controllers = [], TimeProvider = time }, Requests.Token);
        using var http = server.Client();
        server.Faults.Add(new InjectedFault { Verb = "create", PausePerPiece = TimeSpan.FromSeconds(1) });

        var creating = http.SendAsync("POST", Maps, Requests.ConfigMap("a"));
        while (server.Faults.Hits == 0) await Task.Yield();
        Assert.False(creating.IsCompleted);
        await PassAsync(time, creating, TimeSpan.FromSeconds(1));

        Assert.Equal("a", (string?)(await creating).Body["metadata"]!["name"]);
    }

    [Fact]
    public async Task Compacted_history_is_gone_for_watches_and_lists()
    {
        await using var server = await StartAsync();
        using var http = server.Client();
        var version = (string?)(await http.SendAsync("GET", Maps)).Body["metadata"]!["resourceVersion"];
        server.Access.Create(KubernetesKinds.ConfigMap, (JsonObject)JsonNode.Parse(Requests.ConfigMap("a", ",\"namespace\":\"default\""))!);
        server.Faults.CompactHistory();

        var (listed, _) = await http.SendAsync("GET", $"{Maps}?resourceVersion={version}&resourceVersionMatch=Exact");
        var watched = await http.GetStringAsync($"{Maps}?watch=true&resourceVersion={version}", Requests.Token);

        Assert.Equal(410, listed);
        Assert.Equal(410, (int?)JsonNode.Parse(watched)!["object"]!["code"]);
    }

    [Fact]
    public async Task Cutting_watches_closes_those_of_the_resource_and_says_how_many()
    {
        await using var server = await StartAsync();
        using var http = server.Client();
        using var maps = await http.GetAsync(Maps + "?watch=true", HttpCompletionOption.ResponseHeadersRead, Requests.Token);
        using var secrets = await http.GetAsync("/api/v1/secrets?watch=true", HttpCompletionOption.ResponseHeadersRead, Requests.Token);

        Assert.Equal(1, server.Faults.CutWatches("configmaps"));

        Assert.Equal("", await maps.Content.ReadAsStringAsync(Requests.Token));
        Assert.Equal(1, server.Faults.CutWatches());
    }

    [Fact]
    public async Task The_log_has_every_request_with_its_verb_object_user_and_code()
    {
        await using var server = await InMemoryApiServer.StartAsync(new ApiServerOptions { Controllers = [], TokenUsers = [new TokenUser("t", new RequestUser("bob", null, []))] }, Requests.Token);
        using var http = server.Client(bearer: "t");
        await http.SendAsync("POST", "/apis/apps/v1/namespaces/default/deployments", "{");
        await http.SendAsync("GET", "/apis/apps/v1/namespaces/default/deployments/x/scale");
        await http.SendAsync("GET", "/healthz");

        Assert.Equal(["create deployments apps bob 400 True", "get deployments/scale apps bob 404 False", "get   bob 200 False"],
            server.RequestLog.Snapshot().Select(static r => $"{r.Verb} {r.Resource} {r.Group} {r.User} {r.Code} {r.IsWrite}"));
        server.RequestLog.Clear();
        Assert.Equal(0, server.RequestLog.Count);
    }

    private static Task<InMemoryApiServer> StartAsync() => InMemoryApiServer.StartAsync(new ApiServerOptions { Controllers = [] }, Requests.Token);

    /// <summary>Lets the clock run, step by step, until something is done.</summary>
    private static async Task PassAsync(ManualTimeProvider time, Task done, TimeSpan step)
    {
        while (!done.IsCompleted)
        {
            await time.AdvanceAsync(step);
            await Task.Yield();
        }
    }
}
