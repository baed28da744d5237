using System.Globalization;
using System.Text.Json.Nodes;

namespace Zalando.Postgres.Sdk.Kubernetes.Yaml;

/// <summary>One document of a YAML text, and where its fields stand.</summary>
public sealed class KubernetesYamlDocument
{
    private readonly IReadOnlyDictionary<string, YamlPosition>? _positions;

    internal KubernetesYamlDocument(JsonNode? root, YamlPosition start, IReadOnlyDictionary<string, YamlPosition>? positions)
    {
        Root = root;
        Start = start;
        _positions = positions;
    }

    /// <summary>The value; null for a document that holds <c>null</c>.</summary>
    public JsonNode? Root { get; }

    /// <summary>Where the document's value begins.</summary>
    public YamlPosition Start { get; }

    /// <summary>Where a field stands; for a field that is not there, where the nearest parent stands.</summary>
    /// <param name="path">
    /// A field path as in messages of an API server (<c>spec.containers[0].image</c>, <c>metadata.labels[a.b/c]</c>; keys with dots may also
    /// stand without brackets), or a JSON pointer (<c>/spec/containers/0</c>).
    /// </param>
    public YamlPosition PositionOf(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (_positions is null) return Start;
        var pointer = path.StartsWith('/') ? NearestPointer(path) : Resolve(path);
        return _positions.TryGetValue(pointer, out var position) ? position : Start;
    }

    internal static string Escape(string key) => key.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);

    private string NearestPointer(string pointer)
    {
        while (pointer.Length > 0 && !_positions!.ContainsKey(pointer)) pointer = pointer[..pointer.LastIndexOf('/')];
        return pointer;
    }

    private string Resolve(string path)
    {
        var node = Root;
        var pointer = "";
        var rest = path.AsSpan();
        while (rest.Length > 0 && Step(node, rest, out var token, out var consumed))
        {
            node = node is JsonArray list ? list[int.Parse(token, CultureInfo.InvariantCulture)] : node![token];
            pointer += "/" + Escape(token);
            rest = rest[consumed..];
        }

        return pointer;
    }

    private static bool Step(JsonNode? node, ReadOnlySpan<char> rest, out string token, out int consumed)
    {
        token = "";
        consumed = 0;
        if (node is JsonArray list)
        {
            var close = rest.IndexOf(']');
            if (rest[0] != '[' || close < 0 || !int.TryParse(rest[1..close], NumberStyles.None, CultureInfo.InvariantCulture, out var index)
                || index >= list.Count) return false;
            token = index.ToString(CultureInfo.InvariantCulture);
            consumed = close + 1;
            return true;
        }

        if (node is not JsonObject map) return false;
        var found = false;
        var dot = rest[0] == '.' ? 1 : 0;
        foreach (var (key, _) in map)
        {
            // The longest key wins: "a.b" is a key of its own before it is "b" inside "a".
            var length = Match(rest[dot..], key) is var plain and > 0 ? plain + dot : MatchBracketed(rest, key);
            if (length <= consumed) continue;
            (token, consumed, found) = (key, length, true);
        }

        return found;
    }

    private static int Match(ReadOnlySpan<char> rest, string key) =>
        key.Length > 0 && rest.StartsWith(key, StringComparison.Ordinal) && (rest.Length == key.Length || rest[key.Length] is '.' or '[') ? key.Length : 0;

    private static int MatchBracketed(ReadOnlySpan<char> rest, string key) =>
        rest.Length >= key.Length + 2 && rest[0] == '[' && rest[1..].StartsWith(key, StringComparison.Ordinal) && rest[key.Length + 1] == ']' ? key.Length + 2 : 0;
}
