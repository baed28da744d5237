using System.Text.Json.Nodes;

namespace Zalando.Postgres.Sdk.Reconciliation.Observation;

/// <summary>Reads fields of objects as stored, without trusting their shape: what has another type than expected counts as missing.</summary>
internal static class StoredObject
{
    /// <summary>A text of the metadata.</summary>
    public static string? Metadata(this JsonObject value, string field) => (value["metadata"] as JsonObject).Text(field);

    /// <summary>A label.</summary>
    public static string? Label(this JsonObject value, string key) => ((value["metadata"] as JsonObject)?["labels"] as JsonObject).Text(key);

    /// <summary>An annotation.</summary>
    public static string? Annotation(this JsonObject value, string key) => ((value["metadata"] as JsonObject)?["annotations"] as JsonObject).Text(key);

    /// <summary>A text.</summary>
    public static string? Text(this JsonObject? value, string field) =>
        value?[field] is JsonValue text && text.TryGetValue(out string? result) ? result : null;

    /// <summary>A whole number.</summary>
    public static long? Number(this JsonObject? value, string field) =>
        value?[field] is not JsonValue number ? null : number.TryGetValue(out long result) ? result : number.TryGetValue(out int small) ? small : null;

    /// <summary>A yes or no; missing is no.</summary>
    public static bool Flag(this JsonObject? value, string field) => value?[field] is JsonValue flag && flag.TryGetValue(out bool result) && result;

    /// <summary>An object.</summary>
    public static JsonObject? Child(this JsonObject? value, string field) => value?[field] as JsonObject;

    /// <summary>A list.</summary>
    public static JsonArray? Items(this JsonObject? value, string field) => value?[field] as JsonArray;

    /// <summary>Whether the pod's condition <c>Ready</c> is true.</summary>
    public static bool IsReadyPod(this JsonObject pod) => pod.HasCondition("Ready");

    /// <summary>Whether a condition of the status is <c>True</c>.</summary>
    public static bool HasCondition(this JsonObject value, string type)
    {
        if (value.Child("status").Items("conditions") is not { } conditions) return false;
        foreach (var item in conditions)
            if (item is JsonObject condition && condition.Text("type") == type) return condition.Text("status") == "True";
        return false;
    }
}
