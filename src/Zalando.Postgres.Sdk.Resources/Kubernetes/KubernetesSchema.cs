using System.Collections.Concurrent;
using System.Text.Json.Nodes;

namespace Zalando.Postgres.Sdk.Resources.Kubernetes;

/// <summary>The shape of an object or of a part of it, as the API server publishes it (or a custom resource definition declares it).
/// One source for defaulting, validation, pruning and merging.</summary>
public sealed class KubernetesSchema
{
    private static readonly Lazy<JsonObject> Documents = new(static () =>
    {
        using var stream = typeof(KubernetesSchema).Assembly.GetManifestResourceStream("kubernetes-schemas.json")
            ?? throw new InvalidOperationException("The resource kubernetes-schemas.json is missing from the assembly.");
        return (JsonObject)JsonNode.Parse(stream)!;
    });

    private static readonly ConcurrentDictionary<string, KubernetesSchema> Named = new(StringComparer.Ordinal);

    private readonly Lazy<IReadOnlyDictionary<string, KubernetesSchema>> _properties;
    private readonly Lazy<KubernetesSchema?> _items;
    private readonly Lazy<KubernetesSchema?> _additionalProperties;

    private KubernetesSchema(JsonObject source, JsonObject target, string? name)
    {
        // `source` is where the schema is used (its default and list markers), `target` what it refers to (its shape).
        Name = name;
        Source = target;
        Type = (string?)target["type"];
        Format = (string?)target["format"];
        Default = source["default"] ?? target["default"];
        Required = Texts(target["required"]);
        Enum = target["enum"] as JsonArray;
        ListType = (string?)(source["x-kubernetes-list-type"] ?? target["x-kubernetes-list-type"]);
        ListMapKeys = Texts(source["x-kubernetes-list-map-keys"] ?? target["x-kubernetes-list-map-keys"]);
        MapType = (string?)(source["x-kubernetes-map-type"] ?? target["x-kubernetes-map-type"]);
        PatchMergeKey = (string?)source["x-kubernetes-patch-merge-key"];
        PatchStrategies = ((string?)source["x-kubernetes-patch-strategy"])?.Split(',') ?? [];
        PreservesUnknownFields = (bool?)target["x-kubernetes-preserve-unknown-fields"] ?? false;
        IsIntOrString = ((bool?)target["x-kubernetes-int-or-string"] ?? false) || name == "io.k8s.apimachinery.pkg.util.intstr.IntOrString";
        IsQuantity = name == "io.k8s.apimachinery.pkg.api.resource.Quantity";
        _properties = new(() => target["properties"] is JsonObject properties
            ? properties.Where(p => p.Value is JsonObject).ToDictionary(p => p.Key, p => From((JsonObject)p.Value!), StringComparer.Ordinal)
            : Empty);
        _items = new(() => target["items"] is JsonObject items ? From(items) : null);
        _additionalProperties = new(() => target["additionalProperties"] is JsonObject values ? From(values) : null);
    }

    private static readonly IReadOnlyDictionary<string, KubernetesSchema> Empty = new Dictionary<string, KubernetesSchema>();

    /// <summary>Full name of a published schema, for example <c>io.k8s.api.core.v1.PodSpec</c>; null for one described in place.</summary>
    public string? Name { get; }

    /// <summary>The JSON of the schema, for keywords that have no member here. Never change it.</summary>
    public JsonObject Source { get; }

    /// <summary><c>object</c>, <c>array</c>, <c>string</c>, <c>integer</c>, <c>number</c>, <c>boolean</c>; null for anything.</summary>
    public string? Type { get; }

    /// <summary>For example <c>int64</c>, <c>byte</c>, <c>date-time</c>.</summary>
    public string? Format { get; }

    /// <summary>The published default. In built-in kinds <c>{}</c>, <c>""</c> and <c>0</c> only say that the field is no pointer; what the server really fills in is in the defaults of the kind.</summary>
    public JsonNode? Default { get; }

    /// <summary>Fields that must be there.</summary>
    public IReadOnlyList<string> Required { get; }

    /// <summary>The allowed values; null for any.</summary>
    public JsonArray? Enum { get; }

    /// <summary><c>atomic</c>, <c>set</c> or <c>map</c>, for server-side apply; null means atomic.</summary>
    public string? ListType { get; }

    /// <summary>Keys of the elements of a <c>map</c> list.</summary>
    public IReadOnlyList<string> ListMapKeys { get; }

    /// <summary><c>atomic</c> or <c>granular</c>; null means granular.</summary>
    public string? MapType { get; }

    /// <summary>Key of list elements for strategic merge; null when elements are not merged by key.</summary>
    public string? PatchMergeKey { get; }

    /// <summary><c>merge</c>, <c>replace</c>, <c>retainKeys</c> for strategic merge; empty means replace for lists.</summary>
    public IReadOnlyList<string> PatchStrategies { get; }

    /// <summary>Whether unknown fields below stay.</summary>
    public bool PreservesUnknownFields { get; }

    /// <summary>A number or a text.</summary>
    public bool IsIntOrString { get; }

    /// <summary>A quantity such as <c>10Gi</c>.</summary>
    public bool IsQuantity { get; }

    /// <summary>Fields of an object.</summary>
    public IReadOnlyDictionary<string, KubernetesSchema> Properties => _properties.Value;

    /// <summary>Elements of an array.</summary>
    public KubernetesSchema? Items => _items.Value;

    /// <summary>Values of a map.</summary>
    public KubernetesSchema? AdditionalProperties => _additionalProperties.Value;

    /// <summary>The schema of a built-in kind.</summary>
    /// <param name="kind">One of <see cref="KubernetesKinds.All"/>.</param>
    /// <exception cref="KeyNotFoundException">The kind is not built in.</exception>
    public static KubernetesSchema Of(KubernetesKind kind) => ByName(KubernetesKinds.SchemaNames[kind]);

    /// <summary>A published schema by its full name.</summary>
    /// <param name="name">For example <c>io.k8s.api.core.v1.PodSpec</c>.</param>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    public static KubernetesSchema ByName(string name) => Named.GetOrAdd(name, static n =>
        Documents.Value[n] is JsonObject schema ? new KubernetesSchema(schema, schema, n) : throw new KeyNotFoundException($"There is no schema \"{n}\"."));

    /// <summary>A schema described in place, for example the <c>openAPIV3Schema</c> of a custom resource definition.</summary>
    /// <param name="schema">The JSON; it must not be changed afterwards.</param>
    public static KubernetesSchema From(JsonObject schema)
    {
        if ((string?)schema["$ref"] is not { } name) return new KubernetesSchema(schema, schema, null);
        var target = Documents.Value[name] as JsonObject ?? throw new KeyNotFoundException($"There is no schema \"{name}\".");
        // Nothing but the reference: share the named schema, so that its parts are built once.
        return schema.Count == 1 ? ByName(name) : new KubernetesSchema(schema, target, name);
    }

    private static IReadOnlyList<string> Texts(JsonNode? node) => node is JsonArray array ? array.Select(e => (string)e!).ToArray() : [];
}
