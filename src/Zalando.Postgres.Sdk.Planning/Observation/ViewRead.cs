using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning.Json;

namespace Zalando.Postgres.Sdk.Planning.Observation;

/// <summary>One look at what exists: an object or a list, recognised by uid and version.</summary>
internal sealed class ViewRead
{
    private readonly (ObjectKey Key, string? Uid, string? Version)[] _seen;
    private readonly ObjectKey? _single;
    private readonly string _kind;
    private readonly string? _namespace;

    private ViewRead(ObjectKey? single, string kind, string? namespaceName, (ObjectKey Key, string? Uid, string? Version)[] seen)
    {
        _single = single;
        _kind = kind;
        _namespace = namespaceName;
        _seen = seen;
        IsRecognisable = Array.TrueForAll(seen, static s => s.Uid is { Length: > 0 } && s.Version is { Length: > 0 });
    }

    public bool IsRecognisable { get; }

    public static ViewRead Of(ObjectKey key, JsonObject? found) => new(key, key.Kind, key.Namespace, found is null ? [] : [Identity(key, found)]);

    public static ViewRead Of(string kind, string? namespaceName, IReadOnlyList<(ObjectKey Key, JsonObject Item)> found) =>
        new(null, kind, namespaceName, [.. found.Select(static f => Identity(f.Key, f.Item))]);

    public bool IsSeenIn(IReadOnlyDictionary<ObjectKey, JsonObject> objects)
    {
        if (_single is { } key)
        {
            var found = objects.GetValueOrDefault(key);
            return _seen.Length == 0 ? found is null : found is not null && Identity(key, found) == _seen[0];
        }

        var count = 0;
        foreach (var (present, item) in objects)
        {
            if (present.Kind != _kind || (_namespace is not null && present.Namespace != _namespace)) continue;
            if (Array.IndexOf(_seen, Identity(present, item)) < 0) return false;
            count++;
        }

        return count == _seen.Length;
    }

    private static (ObjectKey Key, string? Uid, string? Version) Identity(ObjectKey key, JsonObject item)
    {
        var metadata = item["metadata"];
        return (key, metadata.Text("uid"), metadata.Text("resourceVersion"));
    }
}
