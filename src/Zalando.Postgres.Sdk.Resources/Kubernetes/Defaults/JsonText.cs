using System.Text.Json;
using System.Text.Json.Nodes;

namespace Zalando.Postgres.Sdk.Resources.Kubernetes.Defaults;

/// <summary>Reads scalars of untrusted JSON without throwing.</summary>
internal static class JsonText
{
    /// <summary>The text of a string or number; null for anything else.</summary>
    public static string? Of(JsonNode? node) => node is JsonValue value
        ? value.GetValueKind() switch
        {
            JsonValueKind.String => value.TryGetValue(out string? text) ? text : null,
            JsonValueKind.Number => value.ToJsonString(),
            _ => null,
        }
        : null;

    /// <summary>The text of a string field; empty when it is missing or something else.</summary>
    public static string Field(JsonObject value, string name) =>
        value[name] is JsonValue field && field.TryGetValue(out string? text) ? text : "";

    public static bool IsZero(JsonValue value) => value.ToJsonString() is "0" or "0.0" or "-0";
}
