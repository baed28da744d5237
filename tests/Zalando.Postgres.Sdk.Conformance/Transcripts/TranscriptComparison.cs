using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Zalando.Postgres.Sdk.Conformance.Transcripts;

/// <summary>Compares an answer with the recorded one, with placeholders bound for a whole file.</summary>
internal sealed partial class TranscriptComparison
{
    private Dictionary<string, string> _bound = new(StringComparer.Ordinal);

    /// <summary>The first difference; null when they agree.</summary>
    public string? Difference(JsonNode? expected, JsonNode? actual, JsonObject step)
    {
        var rules = new Rules(Pointers(step, "unordered"), Pointers(step, "mayOmit"), Pointers(step, "mayExceed"));
        return Compare(expected, actual, "", rules, IsFailure(expected));
    }

    public string? TextDifference(string expected, string actual) => MatchText(expected, actual) ? null : $"expected {Short(expected)}, got {Short(actual)}";

    private static bool IsFailure(JsonNode? node) => node is JsonObject map && Text(map["kind"]) == "Status" && Text(map["status"]) == "Failure";

    private static string[] Pointers(JsonObject step, string key) => step[key] is JsonArray list ? [.. list.Select(static p => (string)p!)] : [];

    private string? Compare(JsonNode? expected, JsonNode? actual, string path, Rules rules, bool failure)
    {
        if (expected is JsonValue placeholder && Text(placeholder) is { } text)
        {
            if (text == "<any>") return null;
            var got = Text(actual) ?? (actual is JsonValue number && number.GetValueKind() == JsonValueKind.Number && text.Contains('<') ? number.ToJsonString() : null);
            if (got is null) return $"{path}: expected {Short(text)}, got {Show(actual)}";
            return MatchText(text, got) ? null : $"{path}: expected {Short(text)}, got {Short(got)}";
        }

        switch (expected)
        {
            case JsonObject map:
                if (actual is not JsonObject actualMap) return $"{path}: expected an object, got {Show(actual)}";
                if (path.EndsWith("/object", StringComparison.Ordinal)) failure = IsFailure(map);
                return CompareMaps(map, actualMap, path, rules, failure);
            case JsonArray list:
                if (actual is not JsonArray actualList) return $"{path}: expected a list, got {Show(actual)}";
                return CompareLists(list, actualList, path, rules, failure);
            case null: return actual is null ? null : $"{path}: expected null, got {Show(actual)}";
            default: return Same(expected, actual) ? null : $"{path}: expected {Show(expected)}, got {Show(actual)}";
        }
    }

    private string? CompareMaps(JsonObject expected, JsonObject actual, string path, Rules rules, bool failure)
    {
        var left = actual.Select(static p => p.Key).ToHashSet(StringComparer.Ordinal);
        foreach (var (key, value) in expected)
        {
            var found = key;
            if (!actual.ContainsKey(key))
            {
                found = key.Contains('<') ? left.FirstOrDefault(k => !expected.ContainsKey(k) && MatchText(key, k)) : null;
                if (found is null)
                {
                    if (rules.MayOmit(path)) continue;
                    if (failure && key == "message") continue;
                    return $"{path}/{key}: missing";
                }
            }

            left.Remove(found);
            if (failure && key == "message" && (path.Length == 0 || path.EndsWith("/object", StringComparison.Ordinal) || path.Contains("/details/causes", StringComparison.Ordinal))) continue;
            if (Compare(value, actual[found], $"{path}/{key}", rules, failure) is { } difference) return difference;
        }

        if (path.EndsWith("/metadata", StringComparison.Ordinal)) left.Remove("managedFields");
        return left.Count == 0 ? null : $"{path}/{left.First()}: not expected: {Show(actual[left.First()])}";
    }

    private string? CompareLists(JsonArray expected, JsonArray actual, string path, Rules rules, bool failure)
    {
        if (rules.MayOmit(path))
        {
            for (var i = 0; i < actual.Count; i++)
            {
                var name = NameOf(actual[i]);
                var match = expected.FirstOrDefault(e => name is not null && NameOf(e) == name);
                if (match is null && rules.MayExceed(path)) continue;
                if (match is null) return $"{path}/{i}: {name} was not recorded";
                if (Compare(match, actual[i], $"{path}/{i}", rules, failure) is { } difference) return difference;
            }

            return null;
        }

        var exceed = rules.MayExceed(path);
        if (actual.Count < expected.Count || (actual.Count != expected.Count && !exceed)) return $"{path}: expected {expected.Count} elements, got {actual.Count}: {Show(actual)}";
        if (!exceed && !rules.Unordered(path))
        {
            for (var i = 0; i < expected.Count; i++)
            {
                if (Compare(expected[i], actual[i], $"{path}/{i}", rules, failure) is { } difference) return difference;
            }

            return null;
        }

        var free = Enumerable.Range(0, actual.Count).ToList();
        for (var i = 0; i < expected.Count; i++)
        {
            var before = new Dictionary<string, string>(_bound, StringComparer.Ordinal);
            string? first = null;
            var found = -1;
            foreach (var j in free)
            {
                if (Compare(expected[i], actual[j], $"{path}/{i}", rules, failure) is { } difference)
                {
                    first ??= difference;
                    _bound = new(before, StringComparer.Ordinal);
                    continue;
                }

                found = j;
                break;
            }

            if (found < 0) return $"{path}/{i}: no element like {Show(expected[i])} ({first})";
            free.Remove(found);
        }

        return null;
    }

    private static string? NameOf(JsonNode? node) => node is not JsonObject map ? Text(node)
        : Text(map["name"]) ?? Text(map["groupVersion"]) ?? Text((map["metadata"] as JsonObject)?["name"]) ?? Text(map["resource"]) ?? Text(map["version"]) ?? Text(map["subresource"]) ?? "";

    private bool MatchText(string expected, string actual)
    {
        if (!expected.Contains('<')) return expected == actual;
        var pattern = new StringBuilder("\\A");
        var at = 0;
        var names = new List<(string Kind, string? Number)>();
        foreach (Match match in Placeholder().Matches(expected))
        {
            pattern.Append(Regex.Escape(expected[at..match.Index]));
            at = match.Index + match.Length;
            var kind = match.Groups[1].Value;
            names.Add((kind, match.Groups[2].Success ? match.Groups[2].Value : null));
            pattern.Append('(').Append(Form(kind)).Append(')');
        }

        pattern.Append(Regex.Escape(expected[at..])).Append("\\z");
        var found = Regex.Match(actual, pattern.ToString(), RegexOptions.Singleline);
        if (!found.Success) return false;
        for (var i = 0; i < names.Count; i++)
        {
            if (names[i].Number is not { } number) continue;
            var name = $"{names[i].Kind}:{number}";
            var value = found.Groups[i + 1].Value;
            if (_bound.TryGetValue(name, out var bound))
            {
                if (bound != value) return false;
            }
            else
            {
                if (_bound.Any(b => b.Key.StartsWith(names[i].Kind + ":", StringComparison.Ordinal) && b.Value == value)) return false;
                _bound[name] = value;
            }
        }

        return true;
    }

    private static string Form(string kind) => kind switch
    {
        "uid" => "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
        "rv" => "[0-9]+",
        "time" => "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z",
        "microtime" => @"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6,}Z",
        "suffix" => "[bcdfghjklmnpqrstvwxz2456789]{5}|[0-9]{8}",
        "hash" => "[0-9a-zA-Z+/=]+",
        "ip" => @"[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+|[0-9a-f:]+",
        "port" => "3[0-2][0-9]{3}",
        "age" => "<unknown>|([0-9]+[smhdy])+",
        "token" => @"[A-Za-z0-9_.\-]+",
        "continue" => "[A-Za-z0-9_=\\-]+",
        _ => ".*",
    };

    private static bool Same(JsonNode? expected, JsonNode? actual)
    {
        if (expected is not JsonValue a || actual is not JsonValue b || a.GetValueKind() != b.GetValueKind()) return false;
        if (a.GetValueKind() != JsonValueKind.Number) return JsonNode.DeepEquals(a, b);
        return a.ToJsonString() == b.ToJsonString() || (double.TryParse(a.ToJsonString(), CultureInfo.InvariantCulture, out var x) && double.TryParse(b.ToJsonString(), CultureInfo.InvariantCulture, out var y) && x == y);
    }

    private static string? Text(JsonNode? node) => node is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;

    private static string Show(JsonNode? node) => Short(node?.ToJsonString() ?? "null");

    private static string Short(string text) => text.Length > 500 ? text[..500] + "…" : text;

    [GeneratedRegex("<(uid|rv|time|microtime|suffix|hash|ip|port|age|token|continue|text|any)(?::([0-9]+))?>")]
    private static partial Regex Placeholder();

    private sealed class Rules(string[] unordered, string[] mayOmit, string[] mayExceed)
    {
        public bool Unordered(string path) => Matches(unordered, path);

        public bool MayOmit(string path) => Matches(mayOmit, path);

        public bool MayExceed(string path) => Matches(mayExceed, path);

        private static bool Matches(string[] pointers, string path)
        {
            foreach (var pointer in pointers)
            {
                if (pointer == path) return true;
                var a = pointer.Split('/');
                var b = path.Split('/');
                if (a.Length == b.Length && a.Zip(b).All(static p => p.First == "*" || p.First == p.Second)) return true;
            }

            return false;
        }
    }
}
