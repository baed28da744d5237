using System.Text.Json.Nodes;

namespace Zalando.Postgres.Sdk.Resources.Kubernetes.Defaults;

/// <summary>"A field of a type that is not set gets this value."</summary>
/// <param name="Type">Group and type, for example <c>core/PodSpec</c>.</param>
/// <param name="Field">The field.</param>
/// <param name="Json">The value.</param>
internal sealed record DefaultRule(string Type, string Field, string Json)
{
    /// <summary>Only when that field of the same object has one of those values; null for always.</summary>
    public (string Field, string[] Values)? When { get; init; }

    /// <summary>Only inside an object of that kind; null for any.</summary>
    public string? InKind { get; init; }

    public bool Applies(JsonObject value, DefaultingContext context) =>
        !value.ContainsKey(Field)
        && (InKind is null || InKind == context.Kind.Kind)
        && (When is not { } condition || condition.Values.Contains(JsonText.Field(value, condition.Field), StringComparer.Ordinal));

    public JsonNode Value() => JsonNode.Parse(Json)!;
}
