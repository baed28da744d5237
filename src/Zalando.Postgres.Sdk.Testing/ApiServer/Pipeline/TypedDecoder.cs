using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Testing.ApiServer.CustomKinds;
using Zalando.Postgres.Sdk.Testing.ApiServer.Kinds;
using Zalando.Postgres.Sdk.Testing.ApiServer.Storage;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Pipeline;

/// <summary>Holds the fields of a request against the schema of its kind: unknown and repeated fields, values of a wrong type.</summary>
internal static partial class TypedDecoder
{
    private static readonly Lazy<KubernetesSchema> ObjectMeta = new(static () => KubernetesSchema.ByName("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"));

    /// <summary>Checks an object and removes what the kind does not know.</summary>
    /// <param name="kind">Kind.</param>
    /// <param name="value">The object; unknown fields are removed.</param>
    /// <param name="duplicates">Paths of repeated keys.</param>
    /// <param name="context">Whether unknown fields are ignored, reported or refused.</param>
    /// <param name="patch">The text of the patch that made the object; null for a body.</param>
    public static void Decode(ServedKind kind, JsonObject value, IReadOnlyList<string> duplicates, WriteContext context, string? patch)
    {
        var unknown = new List<string>();
        try
        {
            if (kind.Custom is { } custom)
            {
                if (value["metadata"] is { } metadata) Walk(metadata, ObjectMeta.Value, "metadata", "ObjectMeta", unknown);
                if (value.Metadata().ContainsKey("creationTimestamp") && value.Metadata()["creationTimestamp"] is null) value.Metadata().Remove("creationTimestamp");
                StructuralSchema.Normalize(value, custom.SchemaJson);
                if (custom.SchemaJson is not null && !custom.PreservesUnknownFields) StructuralSchema.Prune(value, custom.SchemaJson, "", true, unknown);
                unknown.Sort(StringComparer.Ordinal);
            }
            else if (kind.Schema is not null) Walk(value, kind.Schema, "", kind.Kind.Kind, unknown);
        }
        catch (TypeFaultException e)
        {
            if (patch is not null) throw StatusErrors.InvalidPatch(patch, e.Message);
            throw StatusErrors.BadRequest($"{kind.Kind.Kind} in version \"{kind.Kind.Version}\" cannot be handled as a {kind.Kind.Kind}: {e.Message}");
        }

        if (context.FieldValidation == "Ignore") return;
        var faults = duplicates.Select(static d => $"duplicate field \"{d}\"").Concat(unknown.Select(static u => $"unknown field \"{u}\"")).ToArray();
        if (faults.Length == 0) return;
        if (context.FieldValidation != "Strict")
        {
            context.Warnings.AddRange(faults);
            return;
        }

        var text = "strict decoding error: " + string.Join(", ", faults);
        if (patch is not null) throw StatusErrors.InvalidPatch(patch, text);
        throw StatusErrors.BadRequest($"{kind.Kind.Kind} in version \"{kind.Kind.Version}\" cannot be handled as a {kind.Kind.Kind}: {text}");
    }

    private static void Walk(JsonNode node, KubernetesSchema schema, string path, string type, List<string> unknown)
    {
        if (schema.IsQuantity)
        {
            var text = node.Text() ?? (node is JsonValue number && number.GetValueKind() == JsonValueKind.Number ? number.ToJsonString() : "");
            if (!QuantityForm().IsMatch(text)) throw new TypeFaultException("quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'");
            return;
        }

        if (schema.IsIntOrString)
        {
            if (node is JsonValue v && (v.GetValueKind() == JsonValueKind.String || node.Whole() is not null)) return;
            throw Fault(node, type, path, "intstr.IntOrString");
        }

        switch (schema.Type)
        {
            case "object" when schema.Properties.Count > 0:
                if (node is not JsonObject map) throw Fault(node, type, path, "v1." + ShortName(schema, type));
                foreach (var key in map.Select(static p => p.Key).ToArray())
                {
                    var below = path.Length == 0 ? key : path + "." + key;
                    if (!schema.Properties.TryGetValue(key, out var property))
                    {
                        if (path.Length == 0 && key is "kind" or "apiVersion") continue;
                        unknown.Add(below);
                        map.Remove(key);
                        continue;
                    }

                    if (map[key] is { } child) Walk(child, property, below, ShortName(schema, type), unknown);
                }

                break;
            case "object":
                if (node is not JsonObject values)
                {
                    if (schema.Name is null || schema.AdditionalProperties is not null) throw Fault(node, type, path, "map[string]" + GoType(schema.AdditionalProperties));
                    return;
                }

                if (schema.AdditionalProperties is { } element)
                {
                    foreach (var (key, child) in values)
                    {
                        if (child is not null) Walk(child, element, path + "." + key, type, unknown);
                    }
                }

                break;
            case "array":
                if (node is not JsonArray list) throw Fault(node, type, path, "[]" + GoType(schema.Items));
                for (var i = 0; i < list.Count; i++)
                {
                    if (list[i] is { } child && schema.Items is { } items) Walk(child, items, $"{path}[{i}]", type, unknown);
                    else if (list[i] is null && schema.Items?.Type == "object") list[i] = new JsonObject();
                }

                break;
            case "string":
                if (node is not JsonValue text_ || text_.GetValueKind() != JsonValueKind.String) throw Fault(node, type, path, "string");
                CheckText(text_.GetValue<string>(), schema.Format, schema.Name);
                break;
            case "integer":
                if (node is not JsonValue whole || whole.GetValueKind() != JsonValueKind.Number) throw Fault(node, type, path, schema.Format ?? "int64");
                if (node.Whole() is not { } integer || (schema.Format == "int32" && integer is < int.MinValue or > int.MaxValue)) throw Fault(node, type, path, schema.Format ?? "int64", true);
                break;
            case "number":
                if (node is not JsonValue real || real.GetValueKind() != JsonValueKind.Number) throw Fault(node, type, path, "float64");
                break;
            case "boolean":
                if (node is not JsonValue flag || flag.GetValueKind() is not (JsonValueKind.True or JsonValueKind.False)) throw Fault(node, type, path, "bool");
                break;
        }
    }

    private static void CheckText(string text, string? format, string? typeName)
    {
        if (typeName?.EndsWith(".MicroTime", StringComparison.Ordinal) == true && !MicroTime().IsMatch(text))
            throw new TypeFaultException($"parsing time {StatusErrors.Quote(text)} as \"2006-01-02T15:04:05.000000Z07:00\": cannot parse {StatusErrors.Quote(text[Math.Min(19, text.Length)..])} as \".000000\"");
        if (format == "byte" && !IsBase64(text, out var at)) throw new TypeFaultException($"illegal base64 data at input byte {at}");
        if (format == "date-time" && !DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out _))
            throw new TypeFaultException($"parsing time {StatusErrors.Quote(text)} as \"2006-01-02T15:04:05Z07:00\": cannot parse {StatusErrors.Quote(text)} as \"2006\"");
    }

    private static bool IsBase64(string text, out int at)
    {
        at = 0;
        var compact = text.Replace("\n", "", StringComparison.Ordinal).Replace("\r", "", StringComparison.Ordinal);
        for (; at < compact.Length; at++)
        {
            if (!char.IsAsciiLetterOrDigit(compact[at]) && compact[at] is not ('+' or '/' or '=')) return false;
        }

        return compact.Length % 4 == 0 && Convert.TryFromBase64String(compact, new byte[compact.Length + 4], out _);
    }

    private static TypeFaultException Fault(JsonNode node, string type, string path, string wanted, bool showNumber = false)
    {
        var what = node switch
        {
            JsonObject => "object",
            JsonArray => "array",
            _ => node.GetValueKind() switch { JsonValueKind.String => "string", JsonValueKind.Number => showNumber ? "number " + node.ToJsonString() : "number", _ => "bool" },
        };
        return new TypeFaultException($"json: cannot unmarshal {what} into Go struct field {type}.{Index().Replace(path, "")} of type {wanted}");
    }

    private static string GoType(KubernetesSchema? schema) => schema?.Type switch
    {
        "string" => "string",
        "integer" => schema.Format ?? "int64",
        "boolean" => "bool",
        _ => "v1." + ShortName(schema, "Object"),
    };

    private static string ShortName(KubernetesSchema? schema, string otherwise) => schema?.Name is { } name ? name[(name.LastIndexOf('.') + 1)..] : otherwise;

    [GeneratedRegex(@"\A[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+|[numkMGTPE]|[KMGTPE]i)?\z")]
    private static partial Regex QuantityForm();

    [GeneratedRegex(@"\A\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}(Z|[+-]\d{2}:\d{2})\z")]
    private static partial Regex MicroTime();

    [GeneratedRegex(@"\[[0-9]+\]")]
    private static partial Regex Index();

    /// <summary>A value of a wrong type.</summary>
    private sealed class TypeFaultException(string message) : Exception(message);
}
