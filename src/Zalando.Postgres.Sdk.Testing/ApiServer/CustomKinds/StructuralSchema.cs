using System.Text.Json;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Testing.ApiServer.Storage;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.CustomKinds;

/// <summary>Prunes and defaults objects of custom kinds by their structural schema.</summary>
internal static class StructuralSchema
{
    /// <summary>Removes what the schema does not know; the paths of the removed fields go to <paramref name="unknown"/>.</summary>
    public static void Prune(JsonNode? node, JsonObject? schema, string path, bool root, List<string> unknown)
    {
        switch (node)
        {
            case JsonObject map:
                var properties = schema.Object("properties");
                var more = schema.Object("additionalProperties");
                var anyMore = more is not null || schema.Flag("additionalProperties") == true;
                var embedded = root || schema.Flag("x-kubernetes-embedded-resource") == true;
                var preserve = schema.Flag("x-kubernetes-preserve-unknown-fields") == true;
                foreach (var key in map.Select(static p => p.Key).ToArray())
                {
                    if (embedded && key is "apiVersion" or "kind" or "metadata") continue;
                    var below = path.Length == 0 ? key : path + "." + key;
                    if (properties.Object(key) is { } known) Prune(map[key], known, below, false, unknown);
                    else if (properties is not null && properties.ContainsKey(key) || (anyMore && more is null)) continue;
                    else if (more is not null) Prune(map[key], more, below, false, unknown);
                    else if (!preserve)
                    {
                        unknown.Add(below);
                        map.Remove(key);
                    }
                }

                break;
            case JsonArray list:
                // A list where the schema keeps everything: validation will tell whether a list may stand here.
                if (schema.Object("items") is null && schema.Flag("x-kubernetes-preserve-unknown-fields") == true) break;
                for (var i = 0; i < list.Count; i++) Prune(list[i], schema.Object("items"), $"{path}[{i}]", false, unknown);
                break;
        }
    }

    /// <summary>Drops nulls that the schema does not allow, and fills in defaults.</summary>
    public static void Default(JsonNode? node, JsonObject? schema, bool root)
    {
        if (schema is null) return;
        switch (node)
        {
            case JsonObject map:
                var properties = schema.Object("properties");
                foreach (var key in map.Where(static p => p.Value is null).Select(static p => p.Key).ToArray())
                {
                    if (root && key is "metadata") continue;
                    var shape = properties.Object(key) ?? schema.Object("additionalProperties");
                    if (shape is not null && shape.Flag("nullable") != true) map.Remove(key);
                }

                foreach (var (key, shape) in properties ?? [])
                {
                    if (root && key is "metadata" or "apiVersion" or "kind") continue;
                    if (shape is not JsonObject known) continue;
                    if (!map.ContainsKey(key) && known.TryGetPropertyValue("default", out var value) && value is not null) map[key] = value.DeepClone();
                    if (map[key] is { } child) Default(child, known, false);
                }

                if (schema.Object("additionalProperties") is { } more)
                {
                    foreach (var (key, value) in map)
                    {
                        if (properties?.ContainsKey(key) != true) Default(value, more, false);
                    }
                }

                break;
            case JsonArray list:
                foreach (var element in list) Default(element, schema.Object("items"), false);
                break;
        }
    }

    /// <summary>Whole numbers written as fractions (3.0) become integers where the schema wants them.</summary>
    public static JsonNode? Normalize(JsonNode? node, JsonObject? schema)
    {
        switch (node)
        {
            case JsonObject map:
                foreach (var key in map.Select(static p => p.Key).ToArray())
                {
                    var shape = schema.Object("properties").Object(key) ?? schema.Object("additionalProperties");
                    if (map[key] is { } child && Normalize(child, shape) is { } changed && !ReferenceEquals(child, changed)) map[key] = changed;
                }

                return map;
            case JsonArray list:
                for (var i = 0; i < list.Count; i++)
                {
                    if (list[i] is { } child && Normalize(child, schema.Object("items")) is { } changed && !ReferenceEquals(child, changed)) list[i] = changed;
                }

                return list;
            case JsonValue value when value.GetValueKind() == JsonValueKind.Number && value.Whole() is { } whole && value.ToJsonString().AsSpan().IndexOfAny('.', 'e', 'E') >= 0:
                return JsonText.Number(whole);
            default: return node;
        }
    }
}
