using System.Text.Json.Nodes;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Patching;

/// <summary>JSON patch (RFC 6902), with the real server's leniency: <c>replace</c> of a missing map key adds it.</summary>
internal static class JsonPatch
{
    /// <summary>Changes <paramref name="target"/>, and returns the result.</summary>
    /// <exception cref="ApiStatusException">422: an operation cannot be applied.</exception>
    public static JsonNode? Apply(JsonNode? target, JsonArray patch)
    {
        foreach (var element in patch)
        {
            if (element is not JsonObject operation) throw StatusErrors.BadRequest("error decoding patch: json: cannot unmarshal into Go value of type handlers.jsonPatchOp");
            var path = Parts(Text(operation, "path") ?? throw StatusErrors.RejectedPatch());
            switch (Text(operation, "op"))
            {
                case "add": Add(ref target, path, Value(operation)); break;
                case "remove": Remove(target, path); break;
                case "replace":
                    if (path.Length == 0)
                    {
                        target = Value(operation);
                        break;
                    }

                    if (Find(target, path[..^1]) is JsonObject map) map[path[^1]] = Value(operation);
                    else if (Find(target, path[..^1]) is JsonArray list && Index(list, path[^1], false) is { } at) list[at] = Value(operation);
                    else throw StatusErrors.RejectedPatch();
                    break;
                case "copy": Add(ref target, path, Get(target, Parts(Text(operation, "from") ?? throw StatusErrors.RejectedPatch()))?.DeepClone()); break;
                case "move":
                    var from = Parts(Text(operation, "from") ?? throw StatusErrors.RejectedPatch());
                    var moved = Get(target, from)?.DeepClone();
                    Remove(target, from);
                    Add(ref target, path, moved);
                    break;
                case "test":
                    var (found, actual) = TryGet(target, path);
                    if (!JsonNode.DeepEquals(found ? actual : null, operation["value"])) throw StatusErrors.RejectedPatch();
                    break;
                default: throw StatusErrors.RejectedPatch();
            }
        }

        return target;
    }

    private static string? Text(JsonObject operation, string key) => operation[key] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private static JsonNode? Value(JsonObject operation) =>
        operation.TryGetPropertyValue("value", out var value) ? value?.DeepClone() : throw StatusErrors.RejectedPatch();

    private static string[] Parts(string path)
    {
        if (path.Length == 0) return [];
        if (path[0] != '/') throw StatusErrors.RejectedPatch();
        return [.. path[1..].Split('/').Select(static p => p.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))];
    }

    private static void Add(ref JsonNode? target, string[] path, JsonNode? value)
    {
        if (path.Length == 0)
        {
            target = value;
            return;
        }

        switch (Find(target, path[..^1]))
        {
            case JsonObject map: map[path[^1]] = value; break;
            case JsonArray list when Index(list, path[^1], true) is { } at: list.Insert(at, value); break;
            default: throw StatusErrors.RejectedPatch();
        }
    }

    private static void Remove(JsonNode? target, string[] path)
    {
        if (path.Length == 0) throw StatusErrors.RejectedPatch();
        switch (Find(target, path[..^1]))
        {
            case JsonObject map when map.Remove(path[^1]): break;
            case JsonArray list when Index(list, path[^1], false) is { } at: list.RemoveAt(at); break;
            default: throw StatusErrors.RejectedPatch();
        }
    }

    private static JsonNode? Get(JsonNode? target, string[] path)
    {
        var (found, value) = TryGet(target, path);
        return found ? value : throw StatusErrors.RejectedPatch();
    }

    private static (bool Found, JsonNode? Value) TryGet(JsonNode? target, string[] path)
    {
        if (path.Length == 0) return (true, target);
        return Find(target, path[..^1]) switch
        {
            JsonObject map => (map.TryGetPropertyValue(path[^1], out var value), value),
            JsonArray list when Index(list, path[^1], false) is { } at => (true, list[at]),
            _ => (false, null),
        };
    }

    private static JsonNode? Find(JsonNode? node, ReadOnlySpan<string> path)
    {
        foreach (var part in path)
        {
            node = node switch
            {
                JsonObject map => map[part],
                JsonArray list when Index(list, part, false) is { } at => list[at],
                _ => null,
            };
        }

        return node;
    }

    private static int? Index(JsonArray list, string part, bool insert)
    {
        if (part == "-") return insert ? list.Count : null;
        if (!int.TryParse(part, out var at)) return null;
        if (at < 0) at += list.Count;
        return at >= 0 && (at < list.Count || (insert && at == list.Count)) ? at : null;
    }
}
