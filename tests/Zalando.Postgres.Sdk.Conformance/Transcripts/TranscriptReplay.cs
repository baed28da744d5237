using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Zalando.Postgres.Sdk.Testing.ApiServer;
using Zalando.Postgres.Sdk.Testing.Time;

namespace Zalando.Postgres.Sdk.Conformance.Transcripts;

/// <summary>Replays one transcript against a fresh in-memory server in virtual time.</summary>
internal sealed partial class TranscriptReplay : IAsyncDisposable
{
    private static readonly TimeSpan RealWait = TimeSpan.FromMilliseconds(15);
    private readonly ManualTimeProvider _time;
    private readonly InMemoryApiServer _server;
    private readonly HttpClient _http;
    private readonly TranscriptComparison _comparison = new();
    private readonly Dictionary<string, string> _variables = new(StringComparer.Ordinal);
    private readonly Dictionary<string, LiveWatch> _watches = new(StringComparer.Ordinal);

    private TranscriptReplay(InMemoryApiServer server, ManualTimeProvider time)
    {
        _server = server;
        _time = time;
        _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, ConnectTimeout = TimeSpan.FromSeconds(5) }, true) { BaseAddress = server.Url, Timeout = TimeSpan.FromSeconds(60) };
    }

    /// <summary>Runs all steps; the answer has what went wrong, by step number.</summary>
    public static async Task<IReadOnlyDictionary<int, string>> RunAsync(string file, CancellationToken cancellationToken)
    {
        var time = new ManualTimeProvider(new DateTimeOffset(2026, 11, 20, 10, 20, 5, TimeSpan.Zero));
        var server = await InMemoryApiServer.StartAsync(new ApiServerOptions
        {
            TimeProvider = time,
            Random = new Random(4711),
            Authorization = AuthorizationMode.Rbac,
            Controllers = Zalando.Postgres.Sdk.Testing.Controllers.ControllerHost.DefaultControllers.Where(static c => c != "persistentvolume-binder").ToArray(),
            TokenUsers =
            [
                new("admin", new RequestUser("admin", "admin", ["system:masters"])),
                new("alice", new RequestUser("alice", "alice", ["developers"])),
                new("operator", new RequestUser("system:serviceaccount:default:postgres-operator", "op", ["system:serviceaccounts", "system:serviceaccounts:default"])),
            ],
        }, cancellationToken);
        await using (server)
        await using (var replay = new TranscriptReplay(server, time))
        {
            var failures = new Dictionary<int, string>();
            foreach (var step in TranscriptStep.Read(file))
            {
                using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                limit.CancelAfter(TimeSpan.FromSeconds(10));
                try
                {
                    if (await replay.StepAsync(step, limit.Token) is { } failure) failures[step.Number] = failure;
                }
                catch (Exception e) when (e is HttpRequestException or IOException or JsonException or OperationCanceledException or KeyNotFoundException or InvalidOperationException)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    failures[step.Number] = e.GetType().Name + ": " + e.Message;
                }
            }

            return failures;
        }
    }

    public ValueTask DisposeAsync()
    {
        foreach (var watch in _watches.Values) watch.Dispose();
        _http.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<string?> StepAsync(TranscriptStep step, CancellationToken cancellationToken)
    {
        await SettleAsync(cancellationToken);
        if (step.Json["delayMs"] is { } delay) await AdvanceAsync(TimeSpan.FromMilliseconds((int)delay), cancellationToken);
        if (step.Json["control"] is not null)
        {
            _server.Faults.CompactHistory();
            return null;
        }

        if (step.Json["watch"] is JsonObject watch) return await WatchAsync(step, watch, cancellationToken);
        if (step.Json["poll"] is not JsonObject poll) return Check(step, await SendAsync(step, cancellationToken));
        var until = ((JsonArray)poll["until"]!).OfType<JsonObject>().ToArray();
        var limit = _time.GetUtcNow() + TimeSpan.FromSeconds((int?)poll["timeoutSeconds"] ?? 25);
        while (true)
        {
            var answer = await SendAsync(step, cancellationToken);
            if (until.All(u => Holds(u, answer))) return Check(step, answer);
            if (_time.GetUtcNow() >= limit) return $"never: {poll["until"]!.ToJsonString()}; last: {answer.Code} {answer.Json?.ToJsonString()}";
            await AdvanceAsync(TimeSpan.FromMilliseconds(500), cancellationToken);
        }
    }

    private async Task SettleAsync(CancellationToken cancellationToken)
    {
        if (_server.Controllers is { } controllers) await controllers.SettleAsync(cancellationToken);
    }

    private async Task AdvanceAsync(TimeSpan by, CancellationToken cancellationToken)
    {
        await _time.AdvanceAsync(by);
        await SettleAsync(cancellationToken);
    }

    private bool Holds(JsonObject condition, Answer answer)
    {
        if (condition["code"] is { } code) return answer.Code == (int)code;
        var (found, value) = Find(answer.Json, Fill((string)condition["pointer"]!));
        if (condition["present"] is { } present) return found == (bool)present;
        if (condition["length"] is { } length) return value switch { JsonArray a => a.Count, JsonObject o => o.Count, _ => 0 } == (int)length;
        return found && JsonNode.DeepEquals(Filled(condition["equals"]), value);
    }

    private string? Check(TranscriptStep step, Answer answer)
    {
        if (step.Json["response"] is not JsonObject response) return null;
        Capture(step, answer.Json);
        if ((int)response["code"]! != answer.Code) return $"expected code {response["code"]}, got {answer.Code}: {answer.Text[..Math.Min(600, answer.Text.Length)]}";
        if (response["headers"] is JsonObject headers)
        {
            if (headers["content-type"] is { } type && (string)type! is var wanted && wanted != answer.ContentType) return $"expected content type {wanted}, got {answer.ContentType}";
            var warnings = (headers["warning"] as JsonArray)?.Select(static w => (string)w!).ToArray() ?? [];
            if (warnings.Length != answer.Warnings.Length) return $"expected the warnings {string.Join(" | ", warnings)}, got {string.Join(" | ", answer.Warnings)}";
            for (var i = 0; i < warnings.Length; i++)
            {
                if (_comparison.TextDifference(warnings[i], answer.Warnings[i]) is { } warning) return "warning: " + warning;
            }
        }

        var body = response["body"];
        if (body is null) return answer.Text.Length == 0 ? null : $"expected an empty body, got {answer.Text}";
        if (body is JsonValue text && text.GetValueKind() == JsonValueKind.String) return (string)text! == "<any>" ? null : _comparison.TextDifference((string)text!, answer.Text);
        return answer.Json is null ? $"expected JSON, got {answer.Text}" : _comparison.Difference(body, answer.Json, step.Json);
    }

    private void Capture(TranscriptStep step, JsonNode? body)
    {
        foreach (var (name, pointer) in step.Json["capture"] as JsonObject ?? [])
        {
            var (found, value) = Find(body, (string)pointer!);
            if (found) _variables[name] = value is JsonValue text && text.GetValueKind() == JsonValueKind.String ? (string)text! : value?.ToJsonString() ?? "";
        }
    }

    private async Task<Answer> SendAsync(TranscriptStep step, CancellationToken cancellationToken)
    {
        using var request = Request(step);
        var sending = _http.SendAsync(request, HttpCompletionOption.ResponseContentRead, cancellationToken);
        using var response = await MovingAsync(sending, cancellationToken);
        // Reading the body as text parses the content type, and would give it back in another spelling.
        var contentType = Answer.TypeOf(response);
        return new Answer(response, contentType, await response.Content.ReadAsStringAsync(cancellationToken));
    }

    /// <summary>Waits for an answer; when it does not come at once, the clock moves, because the server may wait for it.</summary>
    private async Task<T> MovingAsync<T>(Task<T> task, CancellationToken cancellationToken)
    {
        while (await Task.WhenAny(task, Task.Delay(RealWait, TimeProvider.System, cancellationToken)) != task) await AdvanceAsync(TimeSpan.FromMilliseconds(250), cancellationToken);
        return await task;
    }

    private HttpRequestMessage Request(TranscriptStep step)
    {
        var json = (JsonObject)step.Json["request"]!;
        var url = new StringBuilder(_server.Url.GetLeftPart(UriPartial.Authority)).Append(Fill((string)json["path"]!));
        var separator = '?';
        foreach (var (key, value) in json["query"] as JsonObject ?? [])
        {
            foreach (var single in value is JsonArray many ? many.ToArray() : [value])
            {
                url.Append(separator).Append(Uri.EscapeDataString(key)).Append('=').Append(Uri.EscapeDataString(Fill(single?.ToString() ?? "")));
                separator = '&';
            }
        }

        var request = new HttpRequestMessage(new HttpMethod((string)json["method"]!), url.ToString());
        var headers = (json["headers"] as JsonObject)?.ToDictionary(static h => h.Key.ToLowerInvariant(), h => Fill((string)h.Value!), StringComparer.Ordinal) ?? [];
        headers.TryAdd("accept", "application/json");
        headers.TryAdd("user-agent", "transcript/1.0");
        if (json.ContainsKey("body"))
        {
            var body = json["body"];
            var text = body is JsonValue raw && raw.GetValueKind() == JsonValueKind.String ? Fill((string)raw!) : Filled(body)?.ToJsonString() ?? "null";
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(text));
            headers.TryAdd("content-type", "application/json");
            if (headers["content-type"].Length > 0) request.Content.Headers.TryAddWithoutValidation("Content-Type", headers["content-type"]);
        }

        foreach (var (key, value) in headers)
        {
            if (key != "content-type") request.Headers.TryAddWithoutValidation(key, value);
        }

        var user = Fill((string?)step.Json["as"] ?? "admin");
        if (user.StartsWith("bearer:", StringComparison.Ordinal)) user = user["bearer:".Length..];
        if (user != "anonymous") request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", user);
        return request;
    }

    private async Task<string?> WatchAsync(TranscriptStep step, JsonObject watch, CancellationToken cancellationToken)
    {
        var action = (string?)watch["action"];
        if (action == "read")
        {
            if (!_watches.TryGetValue((string)watch["id"]!, out var live)) return "the watch is not open";
            var read = await ReadAsync(live, (JsonObject)watch["stop"]!, cancellationToken);
            if ((bool?)watch["close"] == true)
            {
                _watches.Remove((string)watch["id"]!);
                live.Dispose();
            }

            return CheckEvents(step, read);
        }

        using var request = Request(step);
        var response = await MovingAsync(_http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken), cancellationToken);
        if (!step.Json.ContainsKey("events") && step.Json["response"] is JsonObject { } wanted && wanted["body"] is not null || !response.IsSuccessStatusCode)
        {
            using (response) return Check(step, new Answer(response, Answer.TypeOf(response), await response.Content.ReadAsStringAsync(cancellationToken)));
        }

        var opened = new LiveWatch(response, new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken)));
        if (step.Json["response"] is JsonObject head && (int)head["code"]! != (int)response.StatusCode) return $"expected code {head["code"]}, got {(int)response.StatusCode}";
        if (action == "open")
        {
            _watches[(string)watch["id"]!] = opened;
            return null;
        }

        using (opened) return CheckEvents(step, await ReadAsync(opened, (JsonObject)watch["stop"]!, cancellationToken));
    }

    private string? CheckEvents(TranscriptStep step, JsonArray events)
    {
        Capture(step, new JsonObject { ["events"] = events.DeepClone() });
        return _comparison.Difference(step.Json["events"], events, step.Json);
    }

    private async Task<JsonArray> ReadAsync(LiveWatch watch, JsonObject stop, CancellationToken cancellationToken)
    {
        var events = new JsonArray();
        var count = (int?)stop["events"];
        for (var rounds = 0; count is null || events.Count < count; rounds++)
        {
            var reading = watch.Pending ?? watch.Reader.ReadLineAsync(cancellationToken).AsTask();
            watch.Pending = reading;
            var moved = 0;
            while (await Task.WhenAny(reading, Task.Delay(RealWait, TimeProvider.System, cancellationToken)) != reading)
            {
                if (++moved > (count is null ? 200 : 40)) return events;
                await AdvanceAsync(TimeSpan.FromMilliseconds(250), cancellationToken);
            }

            watch.Pending = null;
            if (await reading is not { } line) break;
            events.Add(JsonNode.Parse(line));
        }

        return events;
    }

    private JsonNode? Filled(JsonNode? node) => node is null ? null : JsonNode.Parse(Fill(node.ToJsonString(), true));

    private string Fill(string text, bool json = false) => !text.Contains("${", StringComparison.Ordinal) ? text : Variable().Replace(text, match =>
    {
        var name = match.Groups[1].Value;
        if (name.StartsWith("repeat:", StringComparison.Ordinal))
        {
            var parts = name.Split(':');
            return string.Concat(Enumerable.Repeat(parts[1], int.Parse(parts[2])));
        }

        var value = _variables.TryGetValue(name, out var known) ? known : throw new KeyNotFoundException($"the variable {name} was not captured");
        return json ? JsonEncodedText.Encode(value).ToString() : value;
    });

    private static (bool Found, JsonNode? Value) Find(JsonNode? node, string pointer)
    {
        foreach (var part in pointer.Split('/').Skip(1).Select(static p => p.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)))
        {
            if (node is JsonObject map)
            {
                if (!map.TryGetPropertyValue(part, out node)) return (false, null);
            }
            else if (node is JsonArray list && int.TryParse(part, out var at) && at < list.Count) node = list[at];
            else return (false, null);
        }

        return (true, node);
    }

    [GeneratedRegex(@"\$\{([^}]+)\}")]
    private static partial Regex Variable();

    private sealed record Answer(int Code, string ContentType, string[] Warnings, string Text, JsonNode? Json)
    {
        public Answer(HttpResponseMessage response, string contentType, string text)
            : this((int)response.StatusCode, contentType,
                response.Headers.TryGetValues("Warning", out var warnings) ? [.. warnings] : [], text, Parse(response, text))
        {
        }

        public static string TypeOf(HttpResponseMessage response) => response.Content.Headers.NonValidated.TryGetValues("Content-Type", out var type) ? type.ToString() : "";

        private static JsonNode? Parse(HttpResponseMessage response, string text)
        {
            if (text.Length == 0 || response.Content.Headers.ContentType?.MediaType is "application/yaml") return null;
            try
            {
                return JsonNode.Parse(text);
            }
            catch (JsonException)
            {
                return null;
            }
        }
    }

    private sealed record LiveWatch(HttpResponseMessage Response, StreamReader Reader) : IDisposable
    {
        public Task<string?>? Pending { get; set; }

        public void Dispose()
        {
            Response.Dispose();
            Reader.Dispose();
        }
    }
}
