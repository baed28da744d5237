using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Zalando.Postgres.Sdk.Testing.Patroni;

/// <summary>Patroni's REST API of a whole cluster over HTTP on loopback, with its habits on the wire: bodies by <c>Content-Length</c> only, answers
/// without length that end with the connection, errors as text or HTML.</summary>
public sealed class FakePatroni : IAsyncDisposable
{
    private readonly Dictionary<string, FakePatroniMember> _members = new(StringComparer.Ordinal);
    private readonly List<TcpListener> _listeners = [];
    private readonly ConcurrentQueue<FakePatroniRequest> _requests = new();
    private readonly CancellationTokenSource _stopped = new();
    private readonly Lock _gate = new();

    /// <summary>The members by name.</summary>
    public IReadOnlyDictionary<string, FakePatroniMember> Members => _members;

    /// <summary>The dynamic configuration; null for none.</summary>
    public JsonObject? Configuration { get; set; } = new() { ["ttl"] = 30, ["loop_wait"] = 10, ["retry_timeout"] = 10, ["maximum_lag_on_failover"] = 33554432 };

    /// <summary>All requests so far, in order.</summary>
    public IReadOnlyList<FakePatroniRequest> Requests => [.. _requests];

    /// <summary>Called for each request; what it returns is the answer, null leaves it to the fake.</summary>
    public Func<FakePatroniRequest, FakePatroniAnswer?>? Intercept { get; set; }

    /// <summary>The scheduled switchover; null for none.</summary>
    public JsonObject? ScheduledSwitchover { get; private set; }

    /// <summary>Adds a member and starts to answer for it. The first one leads.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="address">Loopback address; null for 127.0.0.1.</param>
    /// <param name="port">Port; 0 for a free one.</param>
    public FakePatroniMember AddMember(string name, IPAddress? address = null, int port = 0)
    {
        var listener = new TcpListener(address ?? IPAddress.Loopback, port);
        listener.Start();
        var member = new FakePatroniMember(name, new($"http://{listener.LocalEndpoint}"), _members.Count == 0 ? "leader" : "replica");
        lock (_gate)
        {
            _members.Add(name, member);
            _listeners.Add(listener);
        }

        _ = AcceptAsync(listener, member);
        return member;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _stopped.CancelAsync().ConfigureAwait(false);
        foreach (var listener in _listeners) listener.Dispose();
        _stopped.Dispose();
    }

    private async Task AcceptAsync(TcpListener listener, FakePatroniMember member)
    {
        try
        {
            while (true)
            {
                var client = await listener.AcceptTcpClientAsync(_stopped.Token).ConfigureAwait(false);
                _ = ServeAsync(client, member);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The fake was disposed of.
        }
    }

    private async Task ServeAsync(TcpClient client, FakePatroniMember member)
    {
        using var connection = client;
        try
        {
            var stream = client.GetStream();
            if (await ReadAsync(stream, member).ConfigureAwait(false) is not { } request) return;
            _requests.Enqueue(request.Request);
            FakePatroniAnswer answer;
            lock (_gate) answer = Intercept?.Invoke(request.Request) ?? (request.LengthMissing ? new(411, Page("Length Required")) : Answer(member, request.Request));
            if (answer.Status == 0) return;
            if (answer.Status < 0) await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, _stopped.Token).ConfigureAwait(false);
            var head = answer.ContentType is null ? $"HTTP/1.0 {answer.Status} x\r\n\r\n" : $"HTTP/1.0 {answer.Status} x\r\nServer: BaseHTTP/0.6\r\nContent-Type: {answer.ContentType}\r\n\r\n";
            await stream.WriteAsync(Encoding.UTF8.GetBytes(head + answer.Body), _stopped.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or SocketException or ObjectDisposedException)
        {
            // The client or the test went away.
        }
    }

    private async Task<(FakePatroniRequest Request, bool LengthMissing)?> ReadAsync(NetworkStream stream, FakePatroniMember member)
    {
        var bytes = new List<byte>();
        var block = new byte[4096];
        int end;
        while ((end = HeaderEnd(bytes)) < 0)
        {
            var read = await stream.ReadAsync(block, _stopped.Token).ConfigureAwait(false);
            if (read == 0) return null;
            bytes.AddRange(block.AsSpan(0, read));
        }

        var lines = Encoding.ASCII.GetString([.. bytes], 0, end).Split("\r\n");
        var headers = lines.Skip(1).Select(l => l.Split(": ", 2)).Where(h => h.Length == 2).ToDictionary(h => h[0], h => h[1], StringComparer.OrdinalIgnoreCase);
        var length = headers.TryGetValue("Content-Length", out var text) ? int.Parse(text, CultureInfo.InvariantCulture) : 0;
        while (bytes.Count < end + 4 + length)
        {
            var read = await stream.ReadAsync(block, _stopped.Token).ConfigureAwait(false);
            if (read == 0) return null;
            bytes.AddRange(block.AsSpan(0, read));
        }

        var start = lines[0].Split(' ');
        JsonObject? body = null;
        if (length > 0)
        {
            try
            {
                body = JsonNode.Parse(Encoding.UTF8.GetString([.. bytes], end + 4, length)) as JsonObject;
            }
            catch (JsonException)
            {
                body = null;
            }
        }

        var needsBody = start[0] is "PATCH" or "PUT" || (start[0] == "POST" && start[1] is "/switchover" or "/failover");
        return (new(member.Name, start[0], start[1], body, headers.GetValueOrDefault("Authorization")), needsBody && length == 0);
    }

    private FakePatroniAnswer Answer(FakePatroniMember member, FakePatroniRequest request) => (request.Method, request.Path.Split('?')[0]) switch
    {
        ("GET", "/cluster") => Json(Cluster()),
        ("GET", "/patroni") => Json(Status(member)),
        ("GET", "/config") => Configuration is null ? new(502, Page("Bad Gateway")) : Json(Configuration),
        ("GET", "/history") => Json(new JsonArray()),
        ("GET", "/failsafe") => new(502, "failsafe mode is off"),
        ("GET", "/metrics") => new(200, $"patroni_postgres_running{{name=\"{member.Name}\"}} {(member.State == "running" ? 1 : 0)}\n", "text/plain"),
        ("GET", "/liveness") => new(200, "", null),
        ("GET", "/readiness") => new(member.State == "running" ? 200 : 503, "", null),
        ("GET", var path) => Json(Status(member), IsHealthy(member, path) ? 200 : 503),
        ("PATCH", "/config") => Patch(request.Body),
        ("PUT", "/config") => request.Body is null ? new(400, Page("Bad Request")) : Json(Configuration = (JsonObject)request.Body.DeepClone()),
        ("POST", "/switchover") => ChangeLeader(request.Body, "switched", "Switchover"),
        ("POST", "/failover") => ChangeLeader(request.Body, "failed", "Failover"),
        ("DELETE", "/switchover") => CancelSwitchover(),
        ("POST", "/restart") => Restart(member, request.Body),
        ("DELETE", "/restart") => new(404, "no restarts are scheduled"),
        ("POST", "/reload") => new(202, "reload scheduled"),
        ("POST", "/reinitialize") => member.Role == "leader" ? new(503, "I am the leader, can not reinitialize") : new(200, "reinitialize started"),
        _ => new(501, Page("Unsupported method")),
    };

    private FakePatroniAnswer ChangeLeader(JsonObject? body, string verb, string noun)
    {
        if (body is null || body.Count == 0) return new(400, Page("Bad Request"));
        var leader = _members.Values.FirstOrDefault(m => m.Role is "leader" or "standby_leader");
        var candidate = (body["candidate"] ?? body["member"])?.GetValue<string>();
        if (body["scheduled_at"] is JsonValue at && at.GetValue<string>().Length > 0)
        {
            ScheduledSwitchover = new() { ["at"] = at.GetValue<string>(), ["from"] = body["leader"]?.DeepClone(), ["to"] = candidate };
            return new(202, $"{noun} scheduled");
        }

        if (noun == "Switchover" && body["leader"]?.GetValue<string>() != leader?.Name) return new(412, "leader name does not match");
        if (candidate is not null && !_members.ContainsKey(candidate)) return new(412, "candidate does not exists");
        var next = candidate is null ? _members.Values.FirstOrDefault(m => m != leader && m.State == "running") : _members[candidate];
        if (next is null || next == leader) return new(412, "no good candidates have been found");
        if (next.Lag is null or > 33554432) return new(503, $"{noun} failed");
        if (leader is not null)
        {
            next.Role = leader.Role;
            leader.Role = "replica";
        }
        else next.Role = "leader";

        foreach (var member in _members.Values) member.Timeline++;
        return new(200, $"Successfully {verb} over to \"{next.Name}\"");
    }

    private FakePatroniAnswer CancelSwitchover()
    {
        var scheduled = ScheduledSwitchover is not null;
        ScheduledSwitchover = null;
        return scheduled ? new(200, "scheduled switchover deleted") : new(404, "no switchover is scheduled");
    }

    private static FakePatroniAnswer Restart(FakePatroniMember member, JsonObject? body)
    {
        if (body?.ContainsKey("schedule") == true) return new(202, "Restart scheduled");
        if (body?.ContainsKey("restart_pending") == true && !member.PendingRestart) return new(503, "restart conditions are not satisfied");
        member.PendingRestart = false;
        member.Restarts++;
        return new(200, "restarted successfully");
    }

    private FakePatroniAnswer Patch(JsonObject? body)
    {
        if (body is null) return new(400, Page("Bad Request"));
        if (Configuration is null) return new(503, Page("Service Unavailable"));
        Merge(Configuration, body);
        return Json(Configuration);
    }

    private static void Merge(JsonObject into, JsonObject patch)
    {
        foreach (var (key, value) in patch)
        {
            if (value is null) into.Remove(key);
            else if (value is JsonObject inner && into[key] is JsonObject present) Merge(present, inner);
            else into[key] = value.DeepClone();
        }
    }

    private static bool IsHealthy(FakePatroniMember member, string path)
    {
        var running = member.State == "running";
        if (path.Contains("standby", StringComparison.Ordinal)) return member.Role == "standby_leader";
        if (path.Contains("leader", StringComparison.Ordinal)) return member.Role is "leader" or "standby_leader";
        if (path is "/" || path.Contains("primary", StringComparison.Ordinal) || path.Contains("master", StringComparison.Ordinal) || path.Contains("read-write", StringComparison.Ordinal)) return member.Role == "leader";
        if (path.Contains("health", StringComparison.Ordinal)) return running;
        return running && path switch
        {
            "/read-only" => true,
            "/sync" or "/synchronous" => member.Role == "sync_standby",
            _ when path.Contains("replica", StringComparison.Ordinal) || path is "/async" or "/asynchronous" => member.Role is not ("leader" or "standby_leader"),
            _ => false,
        };
    }

    private JsonObject Cluster()
    {
        var members = _members.Values.OrderBy(m => m.Name, StringComparer.Ordinal).Select(m => (JsonNode)Member(m)).ToArray();
        var cluster = new JsonObject { ["members"] = new JsonArray(members), ["scope"] = "fake" };
        if (ScheduledSwitchover is not null) cluster["scheduled_switchover"] = ScheduledSwitchover.DeepClone();
        if (Configuration?["pause"] is JsonValue pause && pause.TryGetValue(out bool paused) && paused) cluster["pause"] = true;
        return cluster;
    }

    private static JsonObject Member(FakePatroniMember member)
    {
        var leads = member.Role is "leader" or "standby_leader";
        var json = new JsonObject
        {
            ["name"] = member.Name,
            ["role"] = member.Role,
            ["state"] = leads || member.State != "running" ? member.State : member.ReplicationState ?? member.State,
            ["api_url"] = member.Url + "patroni",
            ["host"] = member.Url.Host,
            ["port"] = 5432,
            ["timeline"] = member.Timeline,
        };
        if (member.PendingRestart) json["pending_restart"] = true;
        if (member.Tags.Count > 0) json["tags"] = member.Tags.DeepClone();
        if (!leads) json["lag"] = member.Lag is { } lag ? lag : "unknown";
        return json;
    }

    private static JsonObject Status(FakePatroniMember member)
    {
        var json = new JsonObject
        {
            ["state"] = member.State,
            ["role"] = member.Role == "leader" ? "primary" : member.Role == "standby_leader" ? "standby_leader" : "replica",
            ["server_version"] = 170004,
            ["timeline"] = member.Timeline,
            ["patroni"] = new JsonObject { ["version"] = "4.1.4", ["scope"] = "fake", ["name"] = member.Name },
        };
        if (member.PendingRestart) json["pending_restart"] = true;
        return json;
    }

    private static FakePatroniAnswer Json(JsonNode json, int status = 200) => new(status, json.ToJsonString(), "application/json");

    private static string Page(string message) => $"<!DOCTYPE HTML><html><head><title>Error response</title></head><body><h1>Error response</h1><p>Message: {message}.</p></body></html>";

    private static int HeaderEnd(List<byte> bytes)
    {
        for (var i = 0; i + 3 < bytes.Count; i++)
        {
            if (bytes[i] == '\r' && bytes[i + 1] == '\n' && bytes[i + 2] == '\r' && bytes[i + 3] == '\n') return i;
        }

        return -1;
    }
}
