namespace Zalando.Postgres.Sdk.Resources.Kubernetes.Defaults;

/// <summary>How the server reads and writes one field.</summary>
internal sealed record FieldShape
{
    public required FieldForm Form { get; init; }

    /// <summary>Whether an empty value is the same as none. Not so for fields that distinguish "not set" from "empty".</summary>
    public bool DropsWhenEmpty { get; init; }

    private Func<TypeShape>? LazyType { get; init; }

    /// <summary>Shape of a nested object.</summary>
    public TypeShape? Type => LazyType?.Invoke();

    /// <summary>Elements of a list, values of a map.</summary>
    public FieldShape? Element { get; init; }

    public static FieldShape From(KubernetesSchema schema, bool dropsWhenEmpty)
    {
        if (schema.IsQuantity) return new() { Form = FieldForm.Quantity };
        if (schema.IsIntOrString) return new() { Form = FieldForm.Raw };
        if (schema.Type == "array")
            return new() { Form = FieldForm.List, DropsWhenEmpty = dropsWhenEmpty, Element = schema.Items is { } items ? From(items, false) : null };
        if (schema.Type == "object" && schema.AdditionalProperties is { } values)
            return new() { Form = FieldForm.Map, DropsWhenEmpty = dropsWhenEmpty, Element = From(values, false) };
        if (schema.Properties.Count > 0)
        {
            // Named types refer to each other in circles (JSON schemas inside definitions), so they are resolved when needed.
            return TypeShape.NameOf(schema) is { } name
                ? new() { Form = FieldForm.Object, LazyType = () => TypeShape.Of(name) }
                : new() { Form = FieldForm.Raw };
        }

        return schema.Type switch
        {
            "string" when schema.Format != "date-time" => new() { Form = FieldForm.Text, DropsWhenEmpty = dropsWhenEmpty },
            "boolean" => new() { Form = FieldForm.Boolean, DropsWhenEmpty = dropsWhenEmpty },
            "integer" => new() { Form = FieldForm.Integer, DropsWhenEmpty = dropsWhenEmpty },
            _ => new() { Form = FieldForm.Raw },
        };
    }
}
