using System.Text.Json.Nodes;

namespace Zalando.Postgres.Sdk.Kubernetes.Client;

/// <summary>An object that the server has and that its type cannot hold, for example a number where text belongs.</summary>
/// <param name="Raw">The JSON as far as it could be read: the whole object, or <c>apiVersion</c>, <c>kind</c> and <c>metadata</c>; null when not even that.</param>
/// <param name="Error">What is wrong, with the field's path.</param>
public sealed record UnreadableObject(JsonObject? Raw, KubernetesApiException Error)
{
    /// <summary>Namespace of the object; null for kinds without one.</summary>
    public string? Namespace => Text("namespace");

    /// <summary>Name of the object; null when it could not be read.</summary>
    public string? Name => Text("name");

    private string? Text(string field) =>
        Raw?["metadata"] is JsonObject metadata && metadata[field] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
}
