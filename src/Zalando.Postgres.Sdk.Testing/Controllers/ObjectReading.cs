using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Testing.Controllers;

/// <summary>Reads and changes objects as controllers need it. Nothing throws on an unexpected shape: what is not there or of another type is null.</summary>
internal static class ObjectReading
{
    public static JsonNode? Find(this JsonNode? node, params ReadOnlySpan<string> path)
    {
        foreach (var part in path)
        {
            if (node is not JsonObject map || !map.TryGetPropertyValue(part, out node)) return null;
        }

        return node;
    }

    public static string? FindText(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.Find(path) is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;

    public static bool FindFlag(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.Find(path) is JsonValue value && value.GetValueKind() == JsonValueKind.True;

    public static int? FindNumber(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.Find(path) is JsonValue value && value.GetValueKind() == JsonValueKind.Number
        && long.TryParse(value.ToJsonString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? (int)Math.Clamp(number, int.MinValue, int.MaxValue)
            : null;

    public static JsonObject? FindMap(this JsonNode? node, params ReadOnlySpan<string> path) => node.Find(path) as JsonObject;

    /// <summary>The objects of a list; none when there is no list.</summary>
    public static IEnumerable<JsonObject> FindObjects(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.Find(path) is JsonArray array ? array.OfType<JsonObject>() : [];

    public static string NameOf(this JsonObject value) => value.FindText("metadata", "name") ?? "";

    public static string NamespaceOf(this JsonObject value) => value.FindText("metadata", "namespace") ?? "";

    public static string UidOf(this JsonObject value) => value.FindText("metadata", "uid") ?? "";

    public static bool IsTerminating(this JsonObject value) => value.FindText("metadata", "deletionTimestamp") is not null;

    public static JsonObject? LabelsOf(this JsonObject value) => value.FindMap("metadata", "labels");

    public static DateTimeOffset? FindTime(this JsonNode? node, params ReadOnlySpan<string> path) =>
        DateTimeOffset.TryParse(node.FindText(path), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) ? time : null;

    /// <summary>A time as Kubernetes writes it, in whole seconds.</summary>
    public static string Stamp(this DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    public static JsonObject Copy(this JsonObject value) => (JsonObject)value.DeepClone();

    /// <summary>The map at a key, made when it is missing.</summary>
    public static JsonObject Make(this JsonObject value, string key)
    {
        if (value[key] is JsonObject found) return found;
        var made = new JsonObject();
        value[key] = made;
        return made;
    }

    /// <summary>A number that reads as any integer type.</summary>
    public static JsonNode Number(long value) => JsonNode.Parse(value.ToString(CultureInfo.InvariantCulture))!;

    public static void SetNumber(this JsonObject value, string key, long number) => value[key] = Number(number);

    public static JsonObject? ControllerOf(this JsonObject value) =>
        value.FindObjects("metadata", "ownerReferences").FirstOrDefault(static r => r.FindFlag("controller"));

    public static bool IsControlledBy(this JsonObject value, JsonObject owner) => value.ControllerOf().FindText("uid") is { } uid && uid == owner.UidOf();

    public static JsonObject OwnerReference(this JsonObject owner, KubernetesKind kind, bool controller = true)
    {
        var reference = new JsonObject { ["apiVersion"] = kind.ApiVersion, ["kind"] = kind.Kind, ["name"] = owner.NameOf(), ["uid"] = owner.UidOf() };
        if (!controller) return reference;
        reference["controller"] = true;
        reference["blockOwnerDeletion"] = true;
        return reference;
    }

    public static void AddOwner(this JsonObject value, JsonObject reference)
    {
        var metadata = value.Make("metadata");
        if (metadata["ownerReferences"] is not JsonArray owners) metadata["ownerReferences"] = owners = [];
        owners.Add((JsonNode)reference);
    }

    /// <summary>Takes away the references to an owner; false when there was none.</summary>
    public static bool RemoveOwner(this JsonObject value, string uid)
    {
        if (value.Find("metadata", "ownerReferences") is not JsonArray owners) return false;
        var removed = false;
        for (var i = owners.Count - 1; i >= 0; i--)
        {
            if (owners[i].FindText("uid") != uid) continue;
            owners.RemoveAt(i);
            removed = true;
        }

        if (owners.Count == 0) value.Make("metadata").Remove("ownerReferences");
        return removed;
    }

    public static bool HasFinalizer(this JsonObject value, string finalizer) =>
        value.Find("metadata", "finalizers") is JsonArray finalizers && finalizers.Any(f => f is JsonValue v && v.ToString() == finalizer);

    public static bool RemoveFinalizer(this JsonObject value, string finalizer)
    {
        if (value.Find("metadata", "finalizers") is not JsonArray finalizers) return false;
        var at = finalizers.Select((f, i) => (f, i)).FirstOrDefault(e => e.f is JsonValue v && v.ToString() == finalizer, (null, -1)).i;
        if (at < 0) return false;
        finalizers.RemoveAt(at);
        if (finalizers.Count == 0) value.Make("metadata").Remove("finalizers");
        return true;
    }

    /// <summary>The condition of a type; null when there is none.</summary>
    public static JsonObject? Condition(this JsonObject value, string type) =>
        value.FindObjects("status", "conditions").FirstOrDefault(c => c.FindText("type") == type);

    public static bool IsConditionTrue(this JsonObject value, string type) => value.Condition(type).FindText("status") == "True";
}
