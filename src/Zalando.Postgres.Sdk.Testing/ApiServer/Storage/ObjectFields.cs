using System.Text.Json;
using System.Text.Json.Nodes;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Storage;

/// <summary>Careful reads of objects that may have anything anywhere.</summary>
internal static class ObjectFields
{
    public static string? Text(this JsonNode? node) =>
        node is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;

    public static string? Text(this JsonObject? node, string key) => node is not null && node.TryGetPropertyValue(key, out var value) ? value.Text() : null;

    public static JsonObject? Object(this JsonObject? node, string key) => node is not null && node.TryGetPropertyValue(key, out var value) ? value as JsonObject : null;

    public static JsonArray? Array(this JsonObject? node, string key) => node is not null && node.TryGetPropertyValue(key, out var value) ? value as JsonArray : null;

    public static bool? Flag(this JsonObject? node, string key) =>
        node is not null && node.TryGetPropertyValue(key, out var value) && value is JsonValue v
            ? v.GetValueKind() switch { JsonValueKind.True => true, JsonValueKind.False => false, _ => null }
            : null;

    public static long? Whole(this JsonNode? node)
    {
        if (node is not JsonValue value || value.GetValueKind() != JsonValueKind.Number) return null;
        if (value.TryGetValue<long>(out var whole)) return whole;
        if (value.TryGetValue<int>(out var small)) return small;
        return value.TryGetValue<double>(out var real) && real == Math.Floor(real) && Math.Abs(real) < 9e18 ? (long)real : null;
    }

    public static long? Whole(this JsonObject? node, string key) => node is not null && node.TryGetPropertyValue(key, out var value) ? value.Whole() : null;

    public static JsonNode? At(this JsonNode? node, params ReadOnlySpan<string> path)
    {
        foreach (var part in path)
        {
            if (node is not JsonObject map || !map.TryGetPropertyValue(part, out node)) return null;
        }

        return node;
    }

    /// <summary>The map at <paramref name="key"/>, made when it is missing (or something else).</summary>
    public static JsonObject Ensure(this JsonObject node, string key)
    {
        if (node[key] is JsonObject found) return found;
        var made = new JsonObject();
        node[key] = made;
        return made;
    }

    public static JsonObject Metadata(this JsonObject value) => value.Ensure("metadata");

    public static string Name(this JsonObject value) => value.Object("metadata").Text("name") ?? "";

    public static string? Namespace(this JsonObject value) => value.Object("metadata").Text("namespace");

    public static string? Uid(this JsonObject value) => value.Object("metadata").Text("uid");

    public static bool HasFinalizers(this JsonObject value) => value.Object("metadata").Array("finalizers") is { Count: > 0 };

    public static bool IsDeleting(this JsonObject value) => value.Object("metadata").Text("deletionTimestamp") is not null;

    public static IEnumerable<string> Texts(this JsonArray? array) => array is null ? [] : array.Select(static e => e.Text()).OfType<string>();

    /// <summary>Sets a field, or removes it for null.</summary>
    public static void Put(this JsonObject node, string key, JsonNode? value)
    {
        if (value is null) node.Remove(key);
        else node[key] = value;
    }

    /// <summary>Adds an element without the generic overload, which would need reflection.</summary>
    public static void AddNode(this JsonArray array, JsonNode? element) => array.Add(element);

    public static JsonNode Copy(this JsonNode node) => node.DeepClone();

    public static JsonObject CopyObject(this JsonObject node) => (JsonObject)node.DeepClone();
}
