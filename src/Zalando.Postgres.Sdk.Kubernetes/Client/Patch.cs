using System.Text.Json.Nodes;

namespace Zalando.Postgres.Sdk.Kubernetes.Client;

/// <summary>A change to an object. Built on JSON, because a typed object cannot say "delete this field".</summary>
/// <param name="Type">The form.</param>
/// <param name="Body">The patch itself: an array for <see cref="PatchType.Json"/>, else an object.</param>
public sealed record Patch(PatchType Type, JsonNode Body)
{
    /// <summary>A JSON merge patch.</summary>
    /// <param name="body">The fields to change; null values delete.</param>
    public static Patch Merge(JsonObject body) => new(PatchType.Merge, body);

    /// <summary>A JSON patch.</summary>
    /// <param name="operations">The operations, each with <c>op</c>, <c>path</c> and mostly <c>value</c>.</param>
    public static Patch Json(JsonArray operations) => new(PatchType.Json, operations);

    /// <summary>A strategic merge patch.</summary>
    /// <param name="body">The fields to change.</param>
    public static Patch StrategicMerge(JsonObject body) => new(PatchType.StrategicMerge, body);

    /// <summary>A server-side apply.</summary>
    /// <param name="body">The complete configuration of the field manager.</param>
    public static Patch Apply(JsonObject body) => new(PatchType.Apply, body);

    /// <summary>The media type of the form.</summary>
    public string ContentType => Type switch
    {
        PatchType.Merge => "application/merge-patch+json",
        PatchType.Json => "application/json-patch+json",
        PatchType.StrategicMerge => "application/strategic-merge-patch+json",
        _ => "application/apply-patch+yaml",
    };
}
