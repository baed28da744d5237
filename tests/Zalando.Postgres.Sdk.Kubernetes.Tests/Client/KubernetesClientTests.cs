using System.Net;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Kubernetes.Client;
using Zalando.Postgres.Sdk.Kubernetes.Configuration;
using Zalando.Postgres.Sdk.Kubernetes.Tests.Fakes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Testing.Time;

namespace Zalando.Postgres.Sdk.Kubernetes.Tests.Client;

public sealed class KubernetesClientTests
{
    private const string MapA = """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","namespace":"ns","resourceVersion":"7"},"data":{"k":"v"}}""";

    private readonly ManualTimeProvider _clock = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_object_that_is_not_there_is_null_and_a_kind_that_is_not_served_is_an_error()
    {
        var plain = false;
        var client = Client(_ => plain
            ? new HttpResponseMessage(HttpStatusCode.NotFound) { Content = new StringContent("404 page not found\n") }
            : ScriptedHandler.Failure(404, "NotFound", "configmaps \\\"a\\\" not found"));
        Assert.Null(await client.Client.GetAsync<ConfigMap>("ns", "a", Stop));
        Assert.False(await client.Client.DeleteAsync<ConfigMap>("ns", "a", null, Stop));
        plain = true;
        var exception = await Assert.ThrowsAsync<KubernetesApiException>(() => client.Client.GetAsync<ConfigMap>("ns", "a", Stop));
        Assert.True(exception.IsNotFound);
        Assert.Contains("404 page not found", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refusal_keeps_the_servers_own_words()
    {
        var client = Client(_ => ScriptedHandler.Json("""
            {"kind":"Status","apiVersion":"v1","status":"Failure","message":"ConfigMap \"a\" is invalid: data: Too long","reason":"Invalid","code":422,
             "details":{"name":"a","kind":"ConfigMap","causes":[{"reason":"FieldValueTooLong","field":"data","message":"Too long"}]}}
            """, HttpStatusCode.UnprocessableEntity));
        var exception = await Assert.ThrowsAsync<KubernetesApiException>(() => client.Client.CreateAsync(Map("a"), null, Stop));
        Assert.Equal((422, "Invalid", "data"), (exception.StatusCode, exception.Reason, exception.Status!.Details!.Causes![0].Field));
        Assert.Equal("POST /api/v1/namespaces/ns/configmaps: 422 Invalid: ConfigMap \"a\" is invalid: data: Too long", exception.Message);
        Assert.False(exception.IsTransient);
        Assert.Single(client.Handler.Requests);
    }

    [Fact]
    public async Task Writes_say_who_how_and_where()
    {
        var client = Client(request => ScriptedHandler.Json(MapA));
        await client.Client.CreateAsync(Map("a"), new WriteOptions { DryRun = true, FieldValidation = "Strict" }, Stop);
        await client.Client.ReplaceAsync(Map("a"), "status", new WriteOptions { FieldManager = "me" }, Stop);
        await client.Client.PatchAsync<ConfigMap>("ns", "a", Patch.Merge(new JsonObject { ["data"] = null }), null, null, Stop);
        await client.Client.PatchAsync<ConfigMap>("ns", "a", Patch.Json([new JsonObject { ["op"] = "remove", ["path"] = "/data" }]), null, null, Stop);
        await client.Client.PatchAsync<ConfigMap>("ns", "a", Patch.StrategicMerge([]), null, null, Stop);
        await client.Client.PatchAsync<ConfigMap>("ns", "a", Patch.Apply([]), "status", new WriteOptions { Force = true }, Stop);
        await client.Client.CreateAsync(KubernetesKinds.Pod, new JsonObject { ["metadata"] = new JsonObject { ["namespace"] = "ns", ["name"] = "p" } }, "eviction", null, Stop);
        await client.Client.DeleteAsync<ConfigMap>("ns", "a", new DeleteOptions { PropagationPolicy = "Orphan", Preconditions = new Preconditions { Uid = "u" } }, Stop);
        await client.Client.CreateAsync(KubernetesKinds.SubjectAccessReview, new JsonObject { ["spec"] = new JsonObject() }, null, null, Stop);
        const string map = "/api/v1/namespaces/ns/configmaps";
        Assert.Equal(
            [
                ("POST", map, "?fieldManager=postgres-operator&dryRun=All&fieldValidation=Strict", "application/json"),
                ("PUT", map + "/a/status", "?fieldManager=me", "application/json"),
                ("PATCH", map + "/a", "?fieldManager=postgres-operator", "application/merge-patch+json"),
                ("PATCH", map + "/a", "?fieldManager=postgres-operator", "application/json-patch+json"),
                ("PATCH", map + "/a", "?fieldManager=postgres-operator", "application/strategic-merge-patch+json"),
                ("PATCH", map + "/a/status", "?fieldManager=postgres-operator&force=true", "application/apply-patch+yaml"),
                ("POST", "/api/v1/namespaces/ns/pods/p/eviction", "?fieldManager=postgres-operator", "application/json"),
                ("DELETE", map + "/a", "", "application/json"),
                ("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", "?fieldManager=postgres-operator", "application/json"),
            ],
            client.Handler.Requests.Select(request => (request.Method, request.Path, request.Query, request.ContentType)));
        Assert.Equal("""{"data":null}""", client.Handler.Requests[2].Body);
        Assert.Equal("""{"apiVersion":"v1","kind":"DeleteOptions","preconditions":{"uid":"u"},"propagationPolicy":"Orphan"}""", client.Handler.Requests[7].Body);
    }

    [Fact]
    public async Task An_empty_name_never_reaches_the_server()
    {
        var client = Client(_ => ScriptedHandler.Json("{}"));
        await Assert.ThrowsAsync<ArgumentException>(() => client.Client.DeleteAsync<ConfigMap>("ns", "", null, Stop));
        await Assert.ThrowsAsync<ArgumentException>(() => client.Client.GetAsync<ConfigMap>("", "a", Stop));
        await Assert.ThrowsAsync<ArgumentException>(() => client.Client.ReplaceAsync(Map(""), null, null, Stop));
        Assert.Empty(client.Handler.Requests);
    }

    [Fact]
    public async Task A_read_waits_as_long_as_the_server_asks_and_tries_again()
    {
        var answers = new Queue<HttpResponseMessage>([ScriptedHandler.Failure(429, "TooManyRequests", "later", retryAfter: 7), ScriptedHandler.Json(MapA)]);
        var client = Client(_ => answers.Dequeue());
        var reading = client.Client.GetAsync<ConfigMap>("ns", "a", Stop);
        await _clock.WaitForPendingTimersAsync(2, Stop);
        await _clock.AdvanceAsync(TimeSpan.FromSeconds(6.9), Stop);
        Assert.Single(client.Handler.Requests);
        await _clock.AdvanceAsync(TimeSpan.FromSeconds(0.2), Stop);
        Assert.Equal("v", (await reading)!.Data!["k"]);
        Assert.Equal(2, client.Handler.Requests.Count);
    }

    [Fact]
    public async Task A_pause_longer_than_the_call_may_take_is_left_to_the_caller()
    {
        var client = Client(_ => ScriptedHandler.Failure(503, "ServiceUnavailable", "busy", retryAfter: 120));
        var exception = await Assert.ThrowsAsync<KubernetesApiException>(() => client.Client.GetAsync<ConfigMap>("ns", "a", Stop));
        Assert.Equal((503, TimeSpan.FromMinutes(2), true), (exception.StatusCode, exception.RetryAfter, exception.IsTransient));
        Assert.Single(client.Handler.Requests);
    }

    [Theory]
    [InlineData("create", 500, false)]
    [InlineData("create", 503, false)]
    [InlineData("create", 429, true)]
    [InlineData("create", 0, false)]
    [InlineData("create", -1, true)]
    [InlineData("evict", 429, false)]
    [InlineData("jsonpatch", 500, false)]
    [InlineData("jsonpatch", 429, true)]
    [InlineData("merge", 500, true)]
    [InlineData("merge", 0, true)]
    [InlineData("apply", 504, true)]
    [InlineData("replace", 502, true)]
    [InlineData("replace", 409, false)]
    [InlineData("delete", 0, true)]
    [InlineData("get", 500, true)]
    [InlineData("get", 403, false)]
    public async Task Only_what_can_do_no_harm_is_tried_again(string call, int failure, bool again)
    {
        // 0: the connection breaks in the middle; -1: no connection.
        var first = true;
        var client = Client(_ =>
        {
            if (!first) return ScriptedHandler.Json(MapA);
            first = false;
            return failure switch
            {
                0 => throw new HttpRequestException(HttpRequestError.ResponseEnded, "the response ended"),
                -1 => throw new HttpRequestException(HttpRequestError.ConnectionError, "connection refused"),
                _ => ScriptedHandler.Failure(failure, "Whatever", "no"),
            };
        });
        var api = client.Client;
        Task running = call switch
        {
            "create" => api.CreateAsync(Map("a"), null, Stop),
            "evict" => api.CreateAsync(KubernetesKinds.Pod, JsonNode.Parse(MapA)!.AsObject(), "eviction", null, Stop),
            "jsonpatch" => api.PatchAsync<ConfigMap>("ns", "a", Patch.Json([]), null, null, Stop),
            "merge" => api.PatchAsync<ConfigMap>("ns", "a", Patch.Merge([]), null, null, Stop),
            "apply" => api.PatchAsync<ConfigMap>("ns", "a", Patch.Apply([]), null, null, Stop),
            "replace" => api.ReplaceAsync(Map("a"), null, null, Stop),
            "delete" => api.DeleteAsync<ConfigMap>("ns", "a", null, Stop),
            _ => api.GetAsync<ConfigMap>("ns", "a", Stop),
        };
        for (var i = 0; i < 50 && !running.IsCompleted; i++) await _clock.AdvanceAsync(TimeSpan.FromMilliseconds(100), Stop);
        if (again)
        {
            await running;
        }
        else
        {
            var exception = await Assert.ThrowsAsync<KubernetesApiException>(() => running);
            Assert.Equal(Math.Max(0, failure), exception.StatusCode);
        }

        Assert.Equal(again ? 2 : 1, client.Handler.Requests.Count);
    }

    [Fact]
    public async Task A_server_that_never_answers_is_given_up_at_the_deadline()
    {
        var client = Client(async (_, cancellationToken) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            throw new InvalidOperationException("unreachable");
        });
        var reading = client.Client.GetAsync<ConfigMap>("ns", "a", Stop);
        await _clock.AdvanceAsync(TimeSpan.FromSeconds(14.9), Stop);
        Assert.Single(client.Handler.Requests);
        for (var i = 0; i < 200 && !reading.IsCompleted; i++) await _clock.AdvanceAsync(TimeSpan.FromMilliseconds(100), Stop);
        var exception = await Assert.ThrowsAsync<KubernetesApiException>(() => reading);
        Assert.True(exception.IsUnanswered);
        Assert.Contains("no answer within", exception.Message, StringComparison.Ordinal);
        Assert.Equal(2, client.Handler.Requests.Count);
    }

    [Fact]
    public async Task A_cancelled_call_is_cancelled_and_not_a_failure_of_the_server()
    {
        using var cancel = new CancellationTokenSource();
        var client = Client(async (_, cancellationToken) =>
        {
            await cancel.CancelAsync();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            throw new InvalidOperationException("unreachable");
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.Client.GetAsync<ConfigMap>("ns", "a", cancel.Token));
    }

    [Fact]
    public async Task A_server_that_answers_HTML_is_told_from_an_API_server()
    {
        var client = Client(_ => new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent("<html>Sign in</html>", System.Text.Encoding.UTF8, "text/html") });
        foreach (var call in (Func<Task>[])
            [() => client.Client.GetAsync<ConfigMap>("ns", "a", Stop), () => client.Client.ListAsync<ConfigMap>("ns", null, Stop), () => WatchAllAsync(client.Client)])
        {
            var exception = await Assert.ThrowsAsync<KubernetesApiException>(call);
            Assert.Contains("text/html", exception.Message, StringComparison.Ordinal);
            Assert.Contains("Sign in", exception.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_list_is_read_page_by_page_and_an_unreadable_item_costs_only_itself()
    {
        var client = Client(request => ScriptedHandler.Json(request.Query.Contains("continue=t%2B1", StringComparison.Ordinal) || request.Query.Contains("continue=t+1", StringComparison.Ordinal)
            ? """{"metadata":{"resourceVersion":"9"},"items":[{"metadata":{"name":"c","namespace":"ns"}}]}"""
            : """{"items":[{"metadata":{"name":"a","namespace":"ns"}},{"metadata":{"name":"b","namespace":"ns"},"data":{"k":5}}],"metadata":{"resourceVersion":"9","continue":"t+1"},"kind":"ConfigMapList"}"""));
        var list = await client.Client.ListAsync<ConfigMap>("ns", new ListOptions { LabelSelector = "a in (b,c)", PageSize = 2 }, Stop);
        Assert.Equal(["a", "c"], list.Items.Select(item => item.Metadata.Name));
        Assert.Equal("9", list.ResourceVersion);
        var unreadable = Assert.Single(list.Unreadable);
        Assert.Equal(("ns", "b"), (unreadable.Namespace, unreadable.Name));
        Assert.Contains("$.data.k", unreadable.Error.Message, StringComparison.Ordinal);
        Assert.Equal(["?labelSelector=a in (b,c)&limit=2", "?labelSelector=a in (b,c)&limit=2&continue=t+1"], client.Handler.Requests.Select(request => request.Query));
        var json = await client.Client.ListAsync(KubernetesKinds.ConfigMap, "ns", null, Stop);
        Assert.All(json.Items, item => Assert.Equal(("v1", "ConfigMap"), (item["apiVersion"]!.GetValue<string>(), item["kind"]!.GetValue<string>())));
        Assert.Equal(3, json.Items.Count);
    }

    [Fact]
    public async Task A_refused_token_is_read_again_once()
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, "old\n", Stop);
            var handler = new ScriptedHandler(request =>
            {
                if (request.Authorization == "Bearer new") return ScriptedHandler.Json(MapA);
                File.WriteAllText(file, "new\n");
                return ScriptedHandler.Failure(401, "Unauthorized", "Unauthorized");
            });
            using var client = new KubernetesClient(
                new KubernetesClientConfiguration { Server = new Uri("http://server"), Handler = handler, Credentials = KubernetesClientConfiguration.BearerTokenFile(file, _clock) },
                new KubernetesClientOptions { TimeProvider = _clock });
            Assert.NotNull(await client.GetAsync<ConfigMap>("ns", "a", Stop));
            Assert.Equal(["Bearer old", "Bearer new"], handler.Requests.Select(request => request.Authorization));

            // A token that stays refused is not tried without end.
            var refusing = new ScriptedHandler(_ => ScriptedHandler.Failure(401, "Unauthorized", "Unauthorized"));
            using var other = new KubernetesClient(new KubernetesClientConfiguration { Server = new Uri("http://server"), Handler = refusing, Credentials = KubernetesClientConfiguration.BearerToken("canary-42") });
            var exception = await Assert.ThrowsAsync<KubernetesApiException>(() => other.GetAsync<ConfigMap>("ns", "a", Stop));
            Assert.Equal(401, exception.StatusCode);
            Assert.DoesNotContain("canary-42", exception.ToString(), StringComparison.Ordinal);
            Assert.Single(refusing.Requests);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task A_crowd_of_background_lists_never_keeps_a_user_waiting()
    {
        var release = new TaskCompletionSource();
        var running = 0;
        var client = Client(
            async (request, cancellationToken) =>
            {
                if (!request.Query.Contains("limit", StringComparison.Ordinal)) return ScriptedHandler.Json(MapA);
                Interlocked.Increment(ref running);
                await release.Task.WaitAsync(cancellationToken);
                return ScriptedHandler.Json("""{"metadata":{"resourceVersion":"1"},"items":[]}""");
            },
            new KubernetesClientOptions { MaximumRequests = 4, MaximumBackgroundRequests = 2, ReservedRequests = 1 });
        var lists = new List<Task>();
        using (RequestPriorityScope.Enter(RequestPriority.Background))
        {
            for (var i = 0; i < 10; i++) lists.Add(client.Client.ListAsync<ConfigMap>("ns", null, Stop));
        }

        Assert.Equal(2, running);
        Assert.NotNull(await client.Client.GetAsync<ConfigMap>("ns", "a", Stop));

        // Also when the usual work has taken the rest: one slot is kept for who matters most.
        for (var i = 0; i < 5; i++) lists.Add(client.Client.ListAsync<ConfigMap>("ns", null, Stop));
        Assert.Equal(3, running);
        using (RequestPriorityScope.Enter(RequestPriority.High)) Assert.NotNull(await client.Client.GetAsync<ConfigMap>("ns", "a", Stop));
        release.SetResult();
        await Task.WhenAll(lists);
        Assert.Equal(15, running);
    }

    [Fact]
    public async Task An_answer_beyond_the_limit_is_an_error_and_not_an_allocation()
    {
        var client = Client(_ => ScriptedHandler.Json($$$"""{"metadata":{"name":"a"},"data":{"k":"{{{new string('x', 5000)}}}"}}"""), new KubernetesClientOptions { MaximumObjectSize = 4000 });
        var exception = await Assert.ThrowsAsync<KubernetesApiException>(() => client.Client.GetAsync<ConfigMap>("ns", "a", Stop));
        Assert.Contains("more than 4000 bytes", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_log_is_a_stream_that_is_open_as_soon_as_the_server_answers()
    {
        var body = new PushStream();
        var client = Client(_ => new HttpResponseMessage(HttpStatusCode.OK) { Content = new StreamContent(body) { Headers = { ContentType = new("text/plain") } } });
        await using var log = await client.Client.OpenLogAsync("ns", "pod", "postgres", new LogOptions { Follow = true, TailLines = 5 }, Stop);
        using var reader = new StreamReader(log);
        body.PushRaw("hello\n");
        Assert.Equal("hello", await reader.ReadLineAsync(Stop));
        body.Complete();
        Assert.Null(await reader.ReadLineAsync(Stop));
        Assert.Equal("?container=postgres&follow=true&tailLines=5", client.Handler.Requests.Single().Query);
    }

    private static async Task WatchAllAsync(KubernetesClient client)
    {
        await foreach (var _ in client.WatchAsync<ConfigMap>("ns", new WatchOptions(), Stop))
        {
        }
    }

    private static ConfigMap Map(string name) => new() { Metadata = new ObjectMeta { Name = name, Namespace = "ns" }, Data = new Dictionary<string, string> { ["k"] = "v" } };

    private (KubernetesClient Client, ScriptedHandler Handler) Client(Func<RecordedRequest, HttpResponseMessage> answer, KubernetesClientOptions? options = null) =>
        Client((request, _) => Task.FromResult(answer(request)), options);

    private (KubernetesClient Client, ScriptedHandler Handler) Client(Func<RecordedRequest, CancellationToken, Task<HttpResponseMessage>> answer, KubernetesClientOptions? options = null)
    {
        var handler = new ScriptedHandler(answer);
        return (new KubernetesClient(KubernetesClientConfiguration.FromHandler(new Uri("http://server"), handler), (options ?? new KubernetesClientOptions()) with { TimeProvider = _clock, Random = () => 0.5 }), handler);
    }
}
