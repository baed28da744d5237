using System.Text.Json;
using System.Text.Json.Nodes;

namespace Zalando.Postgres.Sdk.Resources.Kubernetes.Defaults;

/// <summary>What the API server makes of an object before it stores it: defaults filled in, empty values dropped, quantities in their canonical form.
/// The one source for a semantic comparison of a desired with a stored object, and for the in-memory API server.</summary>
/// <remarks>
/// <para>Only what follows from the object itself. What the server chooses (cluster IPs, node ports, uids) or looks up elsewhere (priority,
/// service account, default storage class) is not filled in here.</para>
/// <para>Fields that no published schema knows, and kinds that are not built in, are left as they are. Values of a wrong type are left
/// as they are too: refusing them is the business of validation.</para>
/// </remarks>
public static class KubernetesDefaults
{
    private const int MaximumDepth = 100;

    /// <summary>Normalises an object in place. Applying it again changes nothing.</summary>
    /// <param name="kind">The kind of the object; one that is not built in is left alone.</param>
    /// <param name="obj">The object.</param>
    public static void Apply(KubernetesKind kind, JsonObject obj)
    {
        ArgumentNullException.ThrowIfNull(kind);
        ArgumentNullException.ThrowIfNull(obj);
        if (!KubernetesKinds.SchemaNames.TryGetValue(kind, out var schema)) return;
        var context = new DefaultingContext(kind, obj);
        Object(TypeShape.Of(schema), obj, context, 0);
    }

    /// <summary>A normalised copy.</summary>
    /// <param name="kind">The kind of the object.</param>
    /// <param name="obj">The object; not changed.</param>
    public static JsonObject Normalize(KubernetesKind kind, JsonObject obj)
    {
        ArgumentNullException.ThrowIfNull(obj);
        var copy = (JsonObject)obj.DeepClone();
        Apply(kind, copy);
        return copy;
    }

    private static void Object(TypeShape shape, JsonObject value, DefaultingContext context, int depth)
    {
        if (depth > MaximumDepth) return;
        DropEmptyValues(shape, value);
        foreach (var field in shape.AlwaysObjects)
            if (!value.ContainsKey(field)) value[field] = new JsonObject();
        ComputedDefaults.Before(shape.ShortName, value, context);
        foreach (var rule in DefaultRules.Of(shape.ShortName))
            if (rule.Applies(value, context)) value[rule.Field] = rule.Value();
        foreach (var name in value.Select(p => p.Key).ToArray())
        {
            if (!shape.Fields.TryGetValue(name, out var field) || value[name] is not { } child) continue;
            Child(field, name, child, value, context, depth);
        }

        ComputedDefaults.After(shape.ShortName, value, context);
        foreach (var (field, zero) in shape.AlwaysValues)
            if (!value.ContainsKey(field)) value[field] = zero?.DeepClone();
    }

    private static void Child(FieldShape field, string name, JsonNode child, JsonObject parent, DefaultingContext context, int depth)
    {
        switch (field.Form)
        {
            case FieldForm.Quantity:
                if (Canonical(child, roundToMilli: false) is { } text) parent[name] = text;
                break;
            case FieldForm.Object when child is JsonObject nested:
                Object(field.Type!, nested, context, depth + 1);
                break;
            case FieldForm.List when child is JsonArray array && field.Element is { Form: FieldForm.Object } element:
                foreach (var item in array)
                    if (item is JsonObject entry) Object(element.Type!, entry, context, depth + 1);
                break;
            case FieldForm.Map when child is JsonObject map && field.Element is { } values:
                foreach (var key in map.Select(p => p.Key).ToArray())
                {
                    var entry = map[key];
                    if (values.Form == FieldForm.Quantity)
                    {
                        if (entry is null) map[key] = "0";
                        else if (Canonical(entry, roundToMilli: true) is { } canonical) map[key] = canonical;
                    }
                    else if (values.Form == FieldForm.Text && entry is null)
                    {
                        map[key] = "";
                    }
                    else if (values.Form == FieldForm.Object && entry is JsonObject nested)
                    {
                        Object(values.Type!, nested, context, depth + 1);
                    }
                }

                break;
        }
    }

    private static void DropEmptyValues(TypeShape shape, JsonObject value)
    {
        foreach (var name in value.Select(p => p.Key).ToArray())
        {
            if (!shape.Fields.TryGetValue(name, out var field)) continue;
            if (field.DropsWhenEmpty && IsEmpty(field, value[name])) value.Remove(name);
            else if (value[name] is null) value.Remove(name);
            else if (field.Form == FieldForm.List && value[name] is JsonArray { Count: 0 }) value.Remove(name);
        }
    }

    private static bool IsEmpty(FieldShape field, JsonNode? value) => value switch
    {
        null => true,
        JsonArray array => field.Form == FieldForm.List && array.Count == 0,
        JsonObject obj => field.Form == FieldForm.Map && obj.Count == 0,
        JsonValue scalar => scalar.GetValueKind() switch
        {
            JsonValueKind.String => field.Form == FieldForm.Text && scalar.TryGetValue(out string? text) && text.Length == 0,
            JsonValueKind.False => field.Form == FieldForm.Boolean,
            JsonValueKind.Number => field.Form == FieldForm.Integer && JsonText.IsZero(scalar),
            _ => false,
        },
        _ => false,
    };

    /// <summary>The text the server stores for a quantity; null for something that is none.</summary>
    private static string? Canonical(JsonNode value, bool roundToMilli)
    {
        if (JsonText.Of(value) is not { } text || !Quantity.TryParse(text.Trim(), out var quantity)) return null;
        if (roundToMilli && !(quantity.Nanos % 1_000_000).IsZero) quantity = Quantity.FromMilliValue(quantity.MilliValue);
        return quantity.ToCanonicalString();
    }
}
