using System.Collections.Concurrent;
using System.Text.Json.Nodes;

namespace Zalando.Postgres.Sdk.Resources.Kubernetes.Defaults;

/// <summary>How the server writes an object of one published type: derived from its schema and the exceptions in <see cref="EmptyValues"/>.</summary>
internal sealed class TypeShape
{
    private static readonly ConcurrentDictionary<string, TypeShape> Shapes = new(StringComparer.Ordinal);

    private TypeShape(string name)
    {
        ShortName = ShortNameOf(name);
        var schema = KubernetesSchema.ByName(name);
        var fields = new Dictionary<string, FieldShape>(StringComparer.Ordinal);
        var objects = new List<string>();
        var values = new List<(string, JsonNode?)>();
        foreach (var (field, property) in schema.Properties)
        {
            var key = ShortName + "." + field;
            var always = EmptyValues.AlwaysWritten(key, schema.Required.Contains(field), property);
            var shape = FieldShape.From(property, !always && EmptyValues.DropsWhenEmpty(key, property));
            fields[field] = shape;
            // A published default of {} says that the server holds the object itself and no pointer to it, so it always writes it.
            if (shape.Form == FieldForm.Object && property.Default is JsonObject) objects.Add(field);
            else if (always) values.Add((field, shape.Form is FieldForm.List or FieldForm.Map or FieldForm.Object or FieldForm.Raw ? null : property.Default));
        }

        Fields = fields;
        AlwaysObjects = objects;
        AlwaysValues = values;
    }

    /// <summary>Group and type, for example <c>core/PodSpec</c>.</summary>
    public string ShortName { get; }

    public IReadOnlyDictionary<string, FieldShape> Fields { get; }

    /// <summary>Nested objects that are written even when empty.</summary>
    public IReadOnlyList<string> AlwaysObjects { get; }

    /// <summary>Other fields that are written even when empty, and how.</summary>
    public IReadOnlyList<(string Field, JsonNode? Zero)> AlwaysValues { get; }

    public static TypeShape Of(string name) => Shapes.GetOrAdd(name, static n => new TypeShape(n));

    /// <summary>Full name of the type a property has; null for one described in place.</summary>
    public static string? NameOf(KubernetesSchema schema) => schema.Name ?? (string?)schema.Source["$ref"];

    /// <summary><c>io.k8s.api.core.v1.PodSpec</c> as <c>core/PodSpec</c>.</summary>
    private static string ShortNameOf(string name)
    {
        var parts = name.Split('.');
        return parts[^3] + "/" + parts[^1];
    }
}
