using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Cli.Schema;

/// <summary>Turns the schema of a custom resource definition into a JSON Schema (draft 7), which has no <c>nullable</c> and does not close objects by itself.</summary>
internal static class EditorSchema
{
    internal static JsonObject Of(KubernetesKind kind, JsonObject schema)
    {
        Convert(schema);
        var properties = (JsonObject)schema["properties"]!;
        ((JsonObject)properties["apiVersion"]!)["const"] = kind.ApiVersion;
        ((JsonObject)properties["kind"]!)["const"] = kind.Kind;
        ((JsonObject)properties["metadata"]!).Remove("additionalProperties");
        schema.Insert(0, "$schema", "http://json-schema.org/draft-07/schema#");
        schema.Insert(1, "title", kind.ToString());
        return schema;
    }

    private static void Convert(JsonObject schema)
    {
        var open = schema.Remove("x-kubernetes-preserve-unknown-fields");
        if (schema.Remove("nullable") && schema["type"] is { } type) schema["type"] = new JsonArray((string)type!, "null");
        foreach (var marker in schema.Select(static p => p.Key).Where(static k => k.StartsWith("x-kubernetes-", StringComparison.Ordinal)).ToArray()) schema.Remove(marker);
        if (schema["format"]?.ToString() is "int32" or "int64") schema.Remove("format");
        if (schema["properties"] is JsonObject properties)
        {
            foreach (var (_, property) in properties) Convert((JsonObject)property!);
            if (!open) schema["additionalProperties"] = false;
        }
        if (schema["items"] is JsonObject items) Convert(items);
        if (schema["additionalProperties"] is JsonObject values) Convert(values);
    }
}
