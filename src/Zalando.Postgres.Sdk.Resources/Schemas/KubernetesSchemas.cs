using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Resources.Schemas;

/// <summary>Structural schemas of Kubernetes types that manifests embed, made from the API server's published shapes.</summary>
internal static class KubernetesSchemas
{
    private const string QuantityPattern =
        @"^(\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))))?$";

    /// <summary>The schema with every reference resolved in place.</summary>
    /// <param name="name">Full name, for example <c>io.k8s.api.core.v1.Probe</c>.</param>
    /// <param name="description">What the field is for; null for nothing.</param>
    internal static JsonObject Of(string name, string? description)
    {
        var node = Convert(KubernetesSchema.ByName(name));
        if (description is not null) node.Insert(1, "description", description);
        return node;
    }

    private static JsonObject Convert(KubernetesSchema schema)
    {
        if (schema.IsQuantity || schema.IsIntOrString)
        {
            var either = new JsonObject { ["anyOf"] = new JsonArray(new JsonObject { ["type"] = "integer" }, new JsonObject { ["type"] = "string" }) };
            if (schema.IsQuantity) either["pattern"] = QuantityPattern;
            either["x-kubernetes-int-or-string"] = true;
            return either;
        }
        var node = new JsonObject { ["type"] = schema.Type ?? "object" };
        // Formats other than widths only describe; the values of enumerations change between versions of Kubernetes, so they stay open.
        if (schema.Format is "int32" or "int64" or "date-time") node["format"] = schema.Format;
        if (schema.Properties.Count > 0)
        {
            var properties = new JsonObject();
            foreach (var (name, property) in schema.Properties) properties[name] = ConvertProperty(property, schema.Required.Contains(name, StringComparer.Ordinal));
            node["properties"] = properties;
        }
        if (schema.Required.Count > 0) node["required"] = new JsonArray([.. schema.Required.Select(static r => (JsonNode)r)]);
        if (schema.Items is { } items) node["items"] = Convert(items);
        if (schema.AdditionalProperties is { } values) node["additionalProperties"] = Convert(values);
        if (schema.ListType is { } listType) node["x-kubernetes-list-type"] = listType;
        if (schema.ListMapKeys.Count > 0) node["x-kubernetes-list-map-keys"] = new JsonArray([.. schema.ListMapKeys.Select(static k => (JsonNode)k)]);
        if (schema.MapType is { } mapType) node["x-kubernetes-map-type"] = mapType;
        return node;
    }

    private static JsonObject ConvertProperty(KubernetesSchema property, bool required)
    {
        var node = Convert(property);
        // A published default of a required field, or of an object, only says that the field is no pointer.
        if (!required && property.Default is JsonValue usual) node["default"] = usual.DeepClone();
        return node;
    }
}
