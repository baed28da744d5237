using System.Text.Json;
using System.Text.Json.Nodes;

namespace Zalando.Postgres.Sdk.Engineering.KindGenerator;

/// <summary>All schemas of several OpenAPI documents, by their full name.</summary>
internal sealed class SchemaSet
{
    private const string RefPrefix = "#/components/schemas/";

    public SchemaSet(IEnumerable<JsonObject> documents)
    {
        foreach (var document in documents)
        {
            foreach (var (name, schema) in (JsonObject)document["components"]!["schemas"]!)
            {
                Schemas[name] = (JsonObject)schema!.DeepClone();
            }
        }
    }

    public SortedDictionary<string, JsonObject> Schemas { get; } = new(StringComparer.Ordinal);

    /// <summary>The name a property, item or value refers to, directly or through <c>allOf</c>; null when it is described in place.</summary>
    public static string? Reference(JsonObject schema)
    {
        var reference = schema["$ref"] ?? (schema["allOf"] as JsonArray)?[0]?["$ref"];
        return reference?.GetValue<string>()[RefPrefix.Length..];
    }

    /// <summary>The schemas as one document with short references: data for defaulting, validation and merging.</summary>
    public string ToCompactJson()
    {
        var all = new JsonObject();
        foreach (var (name, schema) in Schemas) all[name] = Compact(schema);
        return all.ToJsonString(new JsonSerializerOptions { WriteIndented = false });
    }

    private static JsonObject Compact(JsonObject schema)
    {
        var result = new JsonObject();
        if (Reference(schema) is { } reference) result["$ref"] = reference;
        foreach (var (key, value) in schema)
        {
            switch (key)
            {
                case "$ref" or "allOf" or "x-kubernetes-group-version-kind":
                    break;
                case "properties":
                    var properties = new JsonObject();
                    foreach (var (name, property) in (JsonObject)value!) properties[name] = Compact((JsonObject)property!);
                    result[key] = properties;
                    break;
                case "items" or "additionalProperties" when value is JsonObject nested:
                    result[key] = Compact(nested);
                    break;
                default:
                    result[key] = value?.DeepClone();
                    break;
            }
        }

        return result;
    }
}
