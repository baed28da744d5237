using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using System.Threading.Channels;

namespace Zalando.Postgres.Sdk.Kubernetes.Tests.Fakes;

/// <summary>The list and watch half of an API server for one kind: versions, history, pages from a snapshot, compaction, and watches that can be cut.</summary>
internal sealed class MiniServer
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, JsonObject> _objects = new(StringComparer.Ordinal);
    private readonly List<(long Version, string Line)> _history = [];
    private readonly Dictionary<string, (long Version, List<string> Items)> _snapshots = [];
    private readonly List<PushStream> _watches = [];
    private long _version = 100;
    private long _compactedTo = 100;
    private int _tokens;
    private int _uids;

    public ScriptedHandler Handler { get; }

    public MiniServer() => Handler = new ScriptedHandler(Answer);

    public int OpenWatches
    {
        get
        {
            lock (_lock) return _watches.Count(watch => !watch.IsOver);
        }
    }

    /// <summary>Runs before each answer; what it returns is the answer, unless null.</summary>
    public Func<RecordedRequest, HttpResponseMessage?>? Intercept { get; set; }

    public void Put(string name, JsonNode? value = null)
    {
        lock (_lock)
        {
            var exists = _objects.TryGetValue(name, out var before);
            var stored = new JsonObject
            {
                ["apiVersion"] = "v1",
                ["kind"] = "ConfigMap",
                ["metadata"] = new JsonObject
                {
                    ["name"] = name,
                    ["namespace"] = "ns",
                    ["uid"] = exists ? before!["metadata"]!["uid"]!.GetValue<string>() : $"uid-{++_uids}",
                    ["resourceVersion"] = $"{++_version}",
                },
                ["data"] = value ?? new JsonObject(),
            };
            _objects[name] = stored;
            Emit(exists ? "MODIFIED" : "ADDED", stored);
        }
    }

    public bool Delete(string name)
    {
        lock (_lock)
        {
            if (!_objects.Remove(name, out var last)) return false;
            last["metadata"]!["resourceVersion"] = $"{++_version}";
            Emit("DELETED", last);
            return true;
        }
    }

    /// <summary>Sends a raw line to all watches.</summary>
    public void Send(string line)
    {
        lock (_lock)
        {
            foreach (var watch in _watches) watch.Push(line);
        }
    }

    public void Bookmark()
    {
        lock (_lock)
        {
            Broadcast($$"""{"type":"BOOKMARK","object":{"kind":"ConfigMap","apiVersion":"v1","metadata":{"resourceVersion":"{{_version}}"} } }""");
        }
    }

    public void CutWatches(bool inTheMiddle = false)
    {
        lock (_lock)
        {
            foreach (var watch in _watches)
            {
                if (inTheMiddle) watch.PushRaw("{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":\"half");
                watch.Complete();
            }

            _watches.Clear();
        }
    }

    /// <summary>The connections of all watches are gone, and nobody says so.</summary>
    public void SilenceWatches()
    {
        lock (_lock) _watches.Clear();
    }

    public void Compact()
    {
        lock (_lock)
        {
            _compactedTo = _version;
            _history.Clear();
            _snapshots.Clear();
        }
    }

    public Dictionary<string, string> State()
    {
        lock (_lock) return _objects.ToDictionary(pair => pair.Key, pair => pair.Value["metadata"]!["resourceVersion"]!.GetValue<string>());
    }

    private static string Line(string type, string json) => $$"""{"type":"{{type}}","object":{{json}}}""";

    private static HttpResponseMessage Gone(string message) => ScriptedHandler.Failure(410, "Expired", message);

    private void Emit(string type, JsonObject stored)
    {
        var line = Line(type, stored.ToJsonString());
        _history.Add((_version, line));
        Broadcast(line);
    }

    private void Broadcast(string line)
    {
        foreach (var watch in _watches) watch.Push(line);
    }

    private HttpResponseMessage Answer(RecordedRequest request)
    {
        if (Intercept?.Invoke(request) is { } instead) return instead;
        var query = request.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);
        lock (_lock) return query.ContainsKey("watch") ? Watch(query) : List(query);
    }

    private HttpResponseMessage Watch(Dictionary<string, string> query)
    {
        var from = long.Parse(query["resourceVersion"], System.Globalization.CultureInfo.InvariantCulture);
        var stream = new PushStream();
        if (from < _compactedTo)
        {
            stream.Push("""{"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","status":"Failure","message":"too old resource version","reason":"Expired","code":410}}""");
            stream.Complete();
            return ScriptedHandler.Stream(stream);
        }

        foreach (var (version, line) in _history)
        {
            if (version > from) stream.Push(line);
        }

        _watches.Add(stream);
        return ScriptedHandler.Stream(stream);
    }

    private HttpResponseMessage List(Dictionary<string, string> query)
    {
        var limit = query.TryGetValue("limit", out var text) ? int.Parse(text, System.Globalization.CultureInfo.InvariantCulture) : int.MaxValue;
        long version;
        List<string> items;
        if (query.TryGetValue("continue", out var token))
        {
            if (!_snapshots.Remove(token, out var snapshot)) return Gone("the provided continue parameter is too old");
            (version, items) = snapshot;
        }
        else
        {
            version = _version;
            items = [.. _objects.Values.Select(stored => stored.ToJsonString())];
        }

        var page = items.Take(limit).ToList();
        var next = "";
        if (items.Count > page.Count)
        {
            next = $"token{++_tokens}";
            _snapshots[next] = (version, items.Skip(limit).ToList());
        }

        return ScriptedHandler.Json(
            $$"""{"kind":"ConfigMapList","apiVersion":"v1","metadata":{"resourceVersion":"{{version}}","continue":"{{next}}"},"items":[{{string.Join(',', page)}}]}""");
    }
}
