using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Zalando.Postgres.Sdk.Testing.ApiServer.Storage;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.CustomKinds;

/// <summary>What the server refuses in the schema of a definition: it must be structural.</summary>
internal static class DefinitionSchema
{
    private const int DeepestSchema = 200;

    public static void Validate(JsonObject schema, string path, List<StatusCause> causes)
    {
        if (schema.Text("type") is not "object")
        {
            causes.Add(schema.Text("type") is { } other
                ? new("FieldValueInvalid", path + ".type", $"Invalid value: {StatusErrors.Quote(other)}: must be object at the root")
                : new("FieldValueRequired", path + ".type", "Required value: must not be empty at the root"));
        }

        Node(schema, path, Place.Root, 0, causes);
    }

    private static void Node(JsonObject schema, string path, Place place, int depth, List<StatusCause> causes)
    {
        if (depth > DeepestSchema)
        {
            causes.Add(new("FieldValueInvalid", path, "Invalid value: \"\": the schema is too deep"));
            return;
        }

        if (schema.ContainsKey("$ref"))
        {
            causes.Add(new("FieldValueForbidden", path + ".$ref", "Forbidden: $ref is not supported"));
            return;
        }

        var type = schema.Text("type") ?? "";
        var free = schema.Flag("x-kubernetes-int-or-string") == true || schema.Flag("x-kubernetes-preserve-unknown-fields") == true;
        if (type.Length == 0 && !free && place is Place.Property or Place.Item)
            causes.Add(new("FieldValueRequired", path + ".type", place == Place.Item ? "Required value: must not be empty for specified array items" : "Required value: must not be empty for specified object fields"));
        if (type.Length > 0 && type is not ("object" or "array" or "string" or "integer" or "number" or "boolean"))
            causes.Add(new("FieldValueNotSupported", path + ".type", $"Unsupported value: {StatusErrors.Quote(type)}: supported values: \"array\", \"boolean\", \"integer\", \"number\", \"object\", \"string\""));
        if (schema.ContainsKey("additionalProperties") && schema.ContainsKey("properties"))
            causes.Add(new("FieldValueForbidden", path + ".additionalProperties", "Forbidden: additionalProperties and properties are mutual exclusive"));
        if (type == "array" && schema.Object("items") is null && !free) causes.Add(new("FieldValueRequired", path + ".items", "Required value: must be specified"));
        if (schema.Flag("uniqueItems") == true) causes.Add(new("FieldValueForbidden", path + ".uniqueItems", "Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic"));
        foreach (var field in (ReadOnlySpan<string>)["definitions", "dependencies", "patternProperties", "id"])
        {
            if (schema.ContainsKey(field)) causes.Add(new("FieldValueForbidden", $"{path}.{field}", $"Forbidden: {field} is not supported"));
        }

        if (schema.Text("pattern") is { } pattern && PatternFault(pattern) is { } fault)
            causes.Add(new("FieldValueInvalid", path + ".pattern", $"Invalid value: {StatusErrors.Quote(pattern)}: must be a valid regular expression, but isn't: {fault}"));
        ListType(schema, path, causes);
        if (schema.TryGetPropertyValue("default", out var value) && value is not null) Default(schema, value, path, causes);
        foreach (var (name, below) in schema.Object("properties") ?? [])
        {
            if (below is JsonObject property) Node(property, $"{path}.properties[{name}]", Place.Property, depth + 1, causes);
        }

        if (schema.Object("additionalProperties") is { } more) Node(more, path + ".additionalProperties", Place.Property, depth + 1, causes);
        if (schema.Object("items") is { } items) Node(items, path + ".items", Place.Item, depth + 1, causes);
    }

    private static void ListType(JsonObject schema, string path, List<StatusCause> causes)
    {
        var keys = schema.Array("x-kubernetes-list-map-keys").Texts().ToArray();
        switch (schema.Text("x-kubernetes-list-type"))
        {
            case "map" when keys.Length == 0:
                causes.Add(new("FieldValueRequired", path + ".x-kubernetes-list-map-keys", "Required value: must not be empty if x-kubernetes-list-type is map"));
                break;
            case "map":
                var items = schema.Object("items");
                foreach (var key in keys)
                {
                    if (items.Object("properties").Object(key) is null)
                        causes.Add(new("FieldValueInvalid", path + ".x-kubernetes-list-map-keys", $"Invalid value: {StatusErrors.Quote(key)}: entries must all be names of item properties"));
                    else if (!items.Array("required").Texts().Contains(key) && items.Object("properties").Object(key)?.ContainsKey("default") != true)
                        causes.Add(new("FieldValueRequired", $"{path}.items.properties[{key}].default", "Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property"));
                }

                break;
            case null or "atomic" or "set": break;
            case var other:
                causes.Add(new("FieldValueNotSupported", path + ".x-kubernetes-list-type", $"Unsupported value: {StatusErrors.Quote(other)}: supported values: \"atomic\", \"map\", \"set\""));
                break;
        }
    }

    private static void Default(JsonObject schema, JsonNode value, string path, List<StatusCause> causes)
    {
        var found = new List<StatusCause>();
        SchemaValidation.Validate(value, null, schema, "", found);
        causes.AddRange(found.Select(f => f with { Field = f.Field is "" or "<nil>" ? path + ".default" : $"{path}.default.{f.Field}" }));
    }

    private static string? PatternFault(string pattern)
    {
        try
        {
            _ = new Regex(pattern, RegexOptions.CultureInvariant);
            return null;
        }
        catch (ArgumentException e)
        {
            return e.Message;
        }
    }

    private enum Place
    {
        Root,
        Property,
        Item,
    }
}
