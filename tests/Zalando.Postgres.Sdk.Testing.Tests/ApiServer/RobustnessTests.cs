using System.Text;
using System.Text.Json.Nodes;
using Xunit;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Testing.ApiServer;
using Zalando.Postgres.Sdk.Testing.Time;

namespace Zalando.Postgres.Sdk.Testing.Tests.ApiServer;

public sealed class RobustnessTests
{
    private const string Maps = "/api/v1/namespaces/default/configmaps";

    [Fact]
    public async Task An_object_of_five_megabytes_is_too_large_and_the_server_goes_on()
    {
        await using var server = await StartAsync();
        using var http = server.Client();
        var large = $$$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"k":"{{{new string('x', 5 * 1024 * 1024)}}}"}}""";
        try
        {
            Assert.Equal(413, (await http.SendAsync("POST", Maps, large)).Code);
        }
        catch (HttpRequestException)
        {
            // The answer may come, and the connection go, while the client is still sending.
        }

        Assert.Equal(201, (await http.SendAsync("POST", Maps, Requests.ConfigMap("a"))).Code);
        Assert.Single(server.Access.List(KubernetesKinds.ConfigMap, "default"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{\"kind\":\"ConfigMap\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"a\"}}x")]
    [InlineData("{\"kind\":5}")]
    [InlineData("{\"metadata\":[]}")]
    [InlineData("{\"metadata\":{\"name\":{\"a\":1}}}")]
    [InlineData("{\"metadata\":{\"name\":\"a\",\"labels\":{\"x\":1}}}")]
    [InlineData("{\"metadata\":{\"name\":\"a\"},\"data\":{\"x\":{}}}")]
    [InlineData("\u0000\u0001\u0002")]
    public async Task A_malformed_body_is_refused_with_a_status(string body)
    {
        await using var server = await StartAsync();
        using var http = server.Client();
        foreach (var (method, path, type) in new[] { ("POST", Maps, "application/json"), ("POST", Maps, "application/yaml"), ("PUT", Maps + "/a", "application/json"), ("PATCH", Maps + "/a?fieldManager=x", "application/apply-patch+yaml") })
        {
            var (code, answer) = await http.SendAsync(method, path, body, type);
            Assert.InRange(code, 400, 499);
            Assert.Equal("Status", (string?)answer["kind"]);
        }
    }

    [Theory]
    [InlineData("application/json", "POST", "{\"metadata\":", "}")]
    [InlineData("application/yaml", "POST", "[", "]")]
    [InlineData("application/merge-patch+json", "PATCH", "{\"a\":", "}")]
    [InlineData("application/strategic-merge-patch+json", "PATCH", "{\"a\":", "}")]
    [InlineData("application/apply-patch+yaml", "PATCH", "{\"a\":", "}")]
    public async Task Endless_nesting_is_refused(string type, string method, string open, string close)
    {
        await using var server = await StartAsync();
        using var http = server.Client();
        await http.SendAsync("POST", Maps, Requests.ConfigMap("a"));
        var body = new StringBuilder();
        for (var i = 0; i < 20_000; i++) body.Append(open);
        body.Append('1');
        for (var i = 0; i < 20_000; i++) body.Append(close);

        var (code, answer) = await http.SendAsync(method, method == "POST" ? Maps : Maps + "/a?fieldManager=x", body.ToString(), type);

        Assert.InRange(code, 400, 499);
        Assert.Equal("Status", (string?)answer["kind"]);
    }

    [Fact]
    public async Task A_selector_of_thousands_of_values_works_and_a_broken_one_is_refused()
    {
        await using var server = await StartAsync();
        using var http = server.Client();
        await http.SendAsync("POST", Maps, Requests.ConfigMap("a", ",\"labels\":{\"n\":\"v4999\"}"));
        var many = Uri.EscapeDataString($"n in ({string.Join(',', Enumerable.Range(0, 5000).Select(static i => "v" + i))})");

        var (code, list) = await http.SendAsync("GET", $"{Maps}?labelSelector={many}");

        Assert.Equal(200, code);
        Assert.Single(list["items"]!.AsArray());
        foreach (var broken in (string[])["a in (", "=", "a==b==c", "!", "a notin", new string('(', 5000)])
            Assert.Equal(400, (await http.SendAsync("GET", $"{Maps}?labelSelector={Uri.EscapeDataString(broken)}")).Code);
    }

    [Theory]
    [InlineData("x")]
    [InlineData("e30")]
    [InlineData("bnVsbA")]
    [InlineData("W10")]
    [InlineData("eyJydiI6Ii0xIiwic3RhcnQiOjV9")]
    [InlineData("%00")]
    public async Task A_bad_continue_token_is_no_failure_of_the_server(string token)
    {
        await using var server = await StartAsync();
        using var http = server.Client();

        Assert.InRange((await http.SendAsync("GET", $"{Maps}?limit=1&continue={token}")).Code, 200, 410);
    }

    [Fact]
    public async Task Fifty_watches_that_come_back_miss_nothing_and_see_nothing_twice()
    {
        await using var server = await StartAsync();
        using var http = server.Client();
        var start = (string)(await http.SendAsync("GET", Maps)).Body["metadata"]!["resourceVersion"]!;
        var seen = Enumerable.Range(0, 50).Select(static _ => new List<string>()).ToArray();
        var last = Enumerable.Repeat(start, 50).ToArray();
        for (var round = 0; round < 4; round++)
        {
            for (var i = 0; i < 5; i++) server.Access.Create(KubernetesKinds.ConfigMap, (JsonObject)JsonNode.Parse(Requests.ConfigMap($"m-{round}-{i}", ",\"namespace\":\"default\""))!);
            await Task.WhenAll(Enumerable.Range(0, 50).Select(async n =>
            {
                using var response = await http.GetAsync($"{Maps}?watch=true&resourceVersion={last[n]}", HttpCompletionOption.ResponseHeadersRead, Requests.Token);
                using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(Requests.Token));
                for (var i = 0; i < 5; i++)
                {
                    var change = JsonNode.Parse((await lines.ReadLineAsync(Requests.Token))!)!["object"]!["metadata"]!;
                    seen[n].Add((string)change["name"]!);
                    last[n] = (string)change["resourceVersion"]!;
                }
            }));
        }

        var expected = Enumerable.Range(0, 4).SelectMany(static r => Enumerable.Range(0, 5).Select(i => $"m-{r}-{i}")).ToArray();
        Assert.All(seen, names => Assert.Equal(expected, names));
    }

    [Fact]
    public async Task A_short_history_forgets_and_says_so()
    {
        await using var server = await InMemoryApiServer.StartAsync(new ApiServerOptions { Controllers = [], HistoryLength = 10 }, Requests.Token);
        using var http = server.Client();
        var old = (string)(await http.SendAsync("GET", Maps)).Body["metadata"]!["resourceVersion"]!;
        for (var i = 0; i < 50; i++) server.Access.Create(KubernetesKinds.ConfigMap, (JsonObject)JsonNode.Parse(Requests.ConfigMap("m" + i, ",\"namespace\":\"default\""))!);

        var watched = JsonNode.Parse(await http.GetStringAsync($"{Maps}?watch=true&resourceVersion={old}", Requests.Token))!;

        Assert.Equal(("ERROR", 410), ((string?)watched["type"], (int?)watched["object"]!["code"]));
    }

    [Fact]
    public async Task A_quiet_watch_gets_a_bookmark_when_the_interval_has_passed_and_not_before()
    {
        var time = new ManualTimeProvider();
        await using var server = await InMemoryApiServer.StartAsync(new ApiServerOptions { Controllers = [], TimeProvider = time, BookmarkInterval = TimeSpan.FromMinutes(1) }, Requests.Token);
        using var http = server.Client();
        var version = (string)(await http.SendAsync("GET", Maps)).Body["metadata"]!["resourceVersion"]!;
        using var response = await http.GetAsync($"{Maps}?watch=true&allowWatchBookmarks=true&resourceVersion={version}", HttpCompletionOption.ResponseHeadersRead, Requests.Token);
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(Requests.Token));
        server.Access.Create(KubernetesKinds.Secret, new JsonObject { ["metadata"] = new JsonObject { ["name"] = "s", ["namespace"] = "default" } });
        var line = lines.ReadLineAsync(Requests.Token).AsTask();

        await time.AdvanceAsync(TimeSpan.FromSeconds(59));
        Assert.False(line.IsCompleted);
        while (!line.IsCompleted)
        {
            await time.AdvanceAsync(TimeSpan.FromSeconds(30));
            await Task.Yield();
        }

        var bookmark = JsonNode.Parse((await line)!)!;
        Assert.Equal("BOOKMARK", (string?)bookmark["type"]);
        Assert.True(long.Parse((string)bookmark["object"]!["metadata"]!["resourceVersion"]!) > long.Parse(version));
    }

    private static Task<InMemoryApiServer> StartAsync() => InMemoryApiServer.StartAsync(new ApiServerOptions { Controllers = [] }, Requests.Token);
}
