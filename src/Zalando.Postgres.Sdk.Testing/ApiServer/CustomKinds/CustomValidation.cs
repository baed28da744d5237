using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Testing.ApiServer.CustomKinds.Expressions;
using Zalando.Postgres.Sdk.Testing.ApiServer.Kinds;
using Zalando.Postgres.Sdk.Testing.ApiServer.Storage;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.CustomKinds;

/// <summary>Schema and rules of a custom kind.</summary>
internal static class CustomValidation
{
    public static void Validate(CustomKind custom, JsonObject value, JsonObject? old, string? subresource, List<StatusCause> causes)
    {
        if (custom.Scale is { } scale) CheckReplicas(scale.Text(subresource == "status" ? "statusReplicasPath" : "specReplicasPath"), value, causes);
        if (custom.SchemaJson is not { } schema) return;
        SchemaValidation.Validate(value, old, schema, "", causes);
        if (causes.Count == 0) Rules(value, old, schema, "", causes);
    }

    /// <summary>What the scale subresource reads must be a whole number, whatever the schema says.</summary>
    private static void CheckReplicas(string? path, JsonObject value, List<StatusCause> causes)
    {
        if (path is not { Length: > 1 } || ((JsonNode)value).At(path[1..].Split('.')) is not { } node || node.Whole() is not null) return;
        var type = node switch { JsonObject => "map[string]interface {}", JsonArray => "[]interface {}", _ => node.Text() is not null ? "string" : "bool" };
        causes.Add(new("FieldValueInvalid", path, $"Invalid value: 0: {path} accessor error: {node.Text() ?? node.ToJsonString()} is of the type {type}, expected int64"));
    }

    private static void Rules(JsonNode? node, JsonNode? old, JsonObject? schema, string path, List<StatusCause> causes)
    {
        if (schema is null || node is null) return;
        foreach (var rule in (schema.Array("x-kubernetes-validations") ?? []).OfType<JsonObject>())
        {
            var text = rule.Text("rule") ?? "";
            var transition = text.Contains("oldSelf", StringComparison.Ordinal);
            if (transition && old is null) continue;
            var verdict = RuleEvaluation.Holds(text, node, old);
            if (verdict == true) continue;
            var message = rule.Text("message") ?? (verdict is null ? $"rule could not be evaluated: {text}" : $"failed rule: {text}");
            var reason = rule.Text("reason") ?? "FieldValueInvalid";
            var field = rule.Text("fieldPath") is { Length: > 0 } below ? path + below : path;
            causes.Add(reason switch
            {
                "FieldValueRequired" => new(reason, field, "Required value: " + message),
                "FieldValueForbidden" => new(reason, field, "Forbidden: " + message),
                "FieldValueDuplicate" => new(reason, field, "Duplicate value: " + message),
                _ => new("FieldValueInvalid", field, "Invalid value: " + message),
            });
        }

        switch (node)
        {
            case JsonObject map:
                foreach (var (key, value) in map)
                    Rules(value, (old as JsonObject)?[key], schema.Object("properties").Object(key) ?? schema.Object("additionalProperties"), path.Length == 0 ? key : path + "." + key, causes);
                break;
            case JsonArray list:
                var keys = schema.Array("x-kubernetes-list-map-keys").Texts().ToArray();
                for (var i = 0; i < list.Count; i++)
                {
                    var same = keys.Length > 0 && list[i] is JsonObject keyed ? (old as JsonArray)?.OfType<JsonObject>().FirstOrDefault(o => keys.All(k => JsonNode.DeepEquals(o[k], keyed[k]))) : null;
                    Rules(list[i], same, schema.Object("items"), $"{path}[{i}]", causes);
                }

                break;
        }
    }
}
