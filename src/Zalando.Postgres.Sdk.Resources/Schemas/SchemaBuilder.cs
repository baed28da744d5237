using System.Text.Json.Nodes;

namespace Zalando.Postgres.Sdk.Resources.Schemas;

/// <summary>Words for writing structural schemas. Every call makes a new node.</summary>
internal static class SchemaBuilder
{
    internal static JsonObject Text(string? description) => Node("string", description);

    internal static JsonObject Flag(string? description) => Node("boolean", description);

    internal static JsonObject Integer(string? description) => Node("integer", description).WithFormat("int32");

    internal static JsonObject LongInteger(string? description) => Node("integer", description).WithFormat("int64");

    /// <summary>A number without a declared width.</summary>
    internal static JsonObject PlainInteger(string? description) => Node("integer", description);

    /// <summary>An object of which nothing is known, and nothing is dropped.</summary>
    internal static JsonObject AnyObject(string? description)
    {
        var node = Node("object", description);
        node["x-kubernetes-preserve-unknown-fields"] = true;
        return node;
    }

    internal static JsonObject ListOf(string? description, JsonObject items)
    {
        var node = Node("array", description);
        node["items"] = items;
        return node;
    }

    internal static JsonObject MapOf(string? description, JsonObject values)
    {
        var node = Node("object", description);
        node["additionalProperties"] = values;
        return node;
    }

    internal static JsonObject ObjectOf(string? description, params ReadOnlySpan<(string Name, JsonObject Schema)> fields)
    {
        var node = Node("object", description);
        var properties = new JsonObject();
        foreach (var (name, schema) in fields) properties[name] = schema;
        node["properties"] = properties;
        return node;
    }

    /// <summary>A whole object: apiVersion, kind, metadata and what is named.</summary>
    internal static JsonObject RootOf(string description, params ReadOnlySpan<(string Name, JsonObject Schema)> fields) => ObjectOf(
        description,
        [("apiVersion", Text("Group and version.")), ("kind", Text("Kind.")), ("metadata", Node("object", "Name, namespace, labels and what the server adds.")), .. fields]);

    internal static JsonObject Requiring(this JsonObject node, params ReadOnlySpan<string> names)
    {
        node["required"] = Texts(names);
        return node;
    }

    internal static JsonObject Matching(this JsonObject node, string pattern)
    {
        node["pattern"] = pattern;
        return node;
    }

    internal static JsonObject OneOf(this JsonObject node, params IReadOnlyList<string> values)
    {
        node["enum"] = Texts([.. values]);
        return node;
    }

    internal static JsonObject AtLeast(this JsonObject node, long minimum)
    {
        node["minimum"] = minimum;
        return node;
    }

    internal static JsonObject AtMost(this JsonObject node, long maximum)
    {
        node["maximum"] = maximum;
        return node;
    }

    internal static JsonObject WithFormat(this JsonObject node, string format)
    {
        node["format"] = format;
        return node;
    }

    internal static JsonObject WithDefault(this JsonObject node, JsonNode value)
    {
        node["default"] = value;
        return node;
    }

    internal static JsonObject AllowNull(this JsonObject node)
    {
        node["nullable"] = true;
        return node;
    }

    /// <summary>A list whose elements have an identity, for server-side apply.</summary>
    internal static JsonObject ByKeys(this JsonObject node, params ReadOnlySpan<string> keys)
    {
        node["x-kubernetes-list-type"] = "map";
        node["x-kubernetes-list-map-keys"] = Texts(keys);
        return node;
    }

    internal static JsonObject RequiringAnyOf(this JsonObject node, params ReadOnlySpan<string> names)
    {
        var choices = new JsonArray();
        foreach (var name in names) choices.Add((JsonNode)new JsonObject { ["required"] = new JsonArray(name) });
        node["anyOf"] = choices;
        return node;
    }

    internal static JsonObject NotBoth(this JsonObject node, string first, string second)
    {
        node["not"] = new JsonObject { ["required"] = new JsonArray(first, second) };
        return node;
    }

    private static JsonObject Node(string type, string? description)
    {
        var node = new JsonObject { ["type"] = type };
        if (description is not null) node["description"] = description;
        return node;
    }

    private static JsonArray Texts(ReadOnlySpan<string> texts)
    {
        var array = new JsonArray();
        foreach (var text in texts) array.Add((JsonNode)text);
        return array;
    }
}
