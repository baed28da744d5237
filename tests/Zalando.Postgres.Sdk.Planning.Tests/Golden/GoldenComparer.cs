using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Zalando.Postgres.Sdk.Planning.Tests.Golden;

/// <summary>Compares an object with a recorded one: absent, null, empty map, empty list and empty text are equal, placeholders match anything.</summary>
internal static partial class GoldenComparer
{
    public static IReadOnlyList<string> Differences(JsonNode? expected, JsonNode? actual)
    {
        var differences = new List<string>();
        Compare("", expected, actual, differences);
        // The reference leaves the namespace of these two to the address of the request; in the body it means the same.
        if (expected?["metadata"]?["namespace"] is null) differences.RemoveAll(d => d.StartsWith(".metadata.namespace: expected nothing", StringComparison.Ordinal));
        return differences;
    }

    private static void Compare(string path, JsonNode? expected, JsonNode? actual, List<string> differences)
    {
        if (IsEmpty(expected) && IsEmpty(actual)) return;
        switch (expected, actual)
        {
            case (JsonObject a, JsonObject b):
                foreach (var name in a.Select(p => p.Key).Union(b.Select(p => p.Key), StringComparer.Ordinal))
                    if (path.Length > 0 || name != "status") Compare($"{path}.{name}", a[name], b[name], differences);
                return;
            case (JsonArray a, JsonArray b) when a.Count == b.Count:
                for (var i = 0; i < a.Count; i++) Compare($"{path}[{(a[i] as JsonObject)?["name"] ?? i}]", a[i], b[i], differences);
                return;
            case (JsonArray a, JsonArray b) when a.All(n => n is JsonObject o && o.ContainsKey("name")):
                differences.Add($"{path}: expected {string.Join(",", a.Select(n => n!["name"]))} but was {string.Join(",", b.Select(n => n?["name"]))}");
                return;
            case (JsonValue a, JsonValue b) when Matches(a.ToString(), b.ToString()):
                return;
            // Patroni's claim templates carry an empty status; nothing is compared there.
            case (JsonObject a, null) when a.All(p => IsEmpty(p.Value)):
                return;
            case (null, JsonObject b) when b.All(p => IsEmpty(p.Value)):
                return;
        }

        // Of lists whose order is random in the recordings, only the members count.
        if (expected is JsonValue x && actual is JsonValue y && Sorted(x.ToString()) == Sorted(y.ToString())) return;
        differences.Add($"{path}: expected {expected?.ToJsonString() ?? "nothing"} but was {actual?.ToJsonString() ?? "nothing"}");
    }

    private static bool Matches(string expected, string actual)
    {
        if (expected == actual) return true;
        if (!expected.Contains('<', StringComparison.Ordinal)) return false;
        var pattern = Placeholder().Replace(Regex.Escape(expected), ".*");
        return Regex.IsMatch(actual, $"^{pattern}$", RegexOptions.Singleline, TimeSpan.FromSeconds(1));
    }

    private static string Sorted(string text) => string.Join(',', text.Split(',').Order(StringComparer.Ordinal));

    private static bool IsEmpty(JsonNode? node) => node switch
    {
        null => true,
        JsonObject item => item.Count == 0,
        JsonArray list => list.Count == 0,
        JsonValue value => value.TryGetValue(out string? text) && text.Length == 0,
        _ => false,
    };

    [GeneratedRegex("<(password|password-hash|uid:[^>]*|resource-version|timestamp|yymmdd|pod-ip|node-ip|cluster-ip|node|node-port|revision|lsn|system-id|random)>", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Placeholder();
}
