using System.Text;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources.Configuration;
using Zalando.Postgres.Sdk.Resources.Schemas;

namespace Zalando.Postgres.Sdk.Resources.Tests.Documentation;

/// <summary>Writes the pages of docs/reference from the schema and the parameter definitions.</summary>
internal static class ReferencePages
{
    private const string Notice = "<!-- Written by the tests of the resource model from its own data. Run them with UPDATE_REFERENCE_PAGES=1 to write it again. -->\n";

    internal static string Postgresql()
    {
        var schema = CustomResourceDefinitions.SchemaOf(Resources.Postgresql.Descriptor);
        var page = new StringBuilder(Notice).Append("\n# The postgresql resource\n\n")
            .Append("Group and version `acid.zalan.do/v1`, kind `postgresql`, short name `pg`. `kubectl-pg validate -f FILE` checks a manifest, `kubectl-pg schema` prints a JSON Schema for editors.\n\n")
            .Append("Fields marked *addition* are ours: the reference operator ignores them, and each is absent from what the operator writes unless you set it.\n");
        WriteObject(page, "spec", (JsonObject)schema["properties"]!["spec"]!);
        WriteObject(page, "status", (JsonObject)schema["properties"]!["status"]!);
        return page.ToString();
    }

    internal static string OperatorConfiguration()
    {
        var page = new StringBuilder(Notice).Append("\n# The operator's configuration\n\n")
            .Append("An `OperatorConfiguration` object (`acid.zalan.do/v1`, short name `opconfig`), or a ConfigMap with one text per key. The object's parameters stand below `configuration`, most of them in a group; in a ConfigMap the same names stand side by side in `data`.\n\n")
            .Append("The two forms have different defaults. *Object* is the value when the parameter's group is written; *no group* the value when the whole group is absent; *ConfigMap* the value when the key is absent. An empty text, 0, an empty list or an empty map in an object counts as not written; in a ConfigMap it counts as written.\n\n")
            .Append("In a ConfigMap lists are joined by commas without blanks, maps are `name:value` joined by commas.\n");
        foreach (var group in ParameterDefinitions.All.GroupBy(p => p.Group))
        {
            page.Append($"\n## {(group.Key.Length == 0 ? "configuration" : $"configuration.{group.Key}")}\n\n| Parameter | Kind | Object | No group | ConfigMap | Meaning |\n|---|---|---|---|---|---|\n");
            foreach (var p in group)
            {
                var zero = p.Kind == ParameterKind.Flag ? "false" : null;
                page.Append($"| `{p.Key}` | {Kind(p)} | {Code(p.SchemaDefault ?? p.Fallback ?? zero)} | {(p.Group.Length == 0 ? "" : Code(p.Fallback ?? zero))} | {(p.InConfigMap && p.Kind != ParameterKind.Containers ? Code(p.ConfigMapDefault ?? zero) : "not available")} | {Cell(p.Description)} |\n");
            }
        }
        return page.ToString();
    }

    private static void WriteObject(StringBuilder page, string path, JsonObject schema)
    {
        page.Append($"\n## {path}\n\n");
        if ((string?)schema["description"] is { } text) page.Append(Cell(text)).Append("\n\n");
        page.Append("| Field | Type | Rule | Meaning |\n|---|---|---|---|\n");
        var required = (schema["required"] as JsonArray)?.Select(r => (string)r!).ToHashSet(StringComparer.Ordinal) ?? [];
        var later = new List<(string, JsonObject)>();
        foreach (var (name, node) in (JsonObject)schema["properties"]!)
        {
            var property = (JsonObject)node!;
            var (type, inner, suffix) = TypeOf(property);
            page.Append($"| `{name}` | {type} | {Rule(property, required.Contains(name))} | {Cell(((string?)property["description"] ?? "").Replace(" An addition of this operator; others ignore it.", " *Addition.*", StringComparison.Ordinal))} |\n");
            if (inner is not null) later.Add(($"{path}.{name}{suffix}", inner));
        }
        foreach (var (innerPath, inner) in later) WriteObject(page, innerPath, inner);
    }

    /// <summary>The type in words, and the object to describe in a section of its own: ours have descriptions, Kubernetes' own have not.</summary>
    private static (string Type, JsonObject? Inner, string Suffix) TypeOf(JsonObject schema) => ((string?)schema["type"], schema["items"], schema["additionalProperties"]) switch
    {
        ("array", JsonObject items, _) => ($"list of {TypeOf(items).Type}", Described(items) ?? TypeOf(items).Inner, "[]"),
        ("object", _, JsonObject values) => ($"map to {TypeOf(values).Type}", Described(values) ?? TypeOf(values).Inner, "{}"),
        ("object", _, _) when schema["properties"] is null => ("object", null, ""),
        ("object", _, _) => Described(schema) is { } own ? ("object", own, "") : ("Kubernetes object", null, ""),
        ("integer", _, _) => ("integer", null, ""),
        (null, _, _) => ("integer or string", null, ""),
        var (type, _, _) => (type!, null, ""),
    };

    private static JsonObject? Described(JsonObject schema) =>
        schema["properties"] is JsonObject properties && properties.Any(p => p.Value?["description"] is not null) ? schema : null;

    private static string Rule(JsonObject schema, bool required)
    {
        var rules = new List<string>();
        if (required) rules.Add("required");
        var value = schema["items"] as JsonObject ?? schema;
        if (value["enum"] is JsonArray allowed) rules.Add(string.Join(", ", allowed.Select(a => $"`{a}`")));
        if (schema["minimum"] is { } minimum) rules.Add($"≥ {minimum}");
        if (schema["maximum"] is { } maximum) rules.Add($"≤ {maximum}");
        if ((string?)value["pattern"] is { } pattern)
        {
            rules.Add(pattern switch
            {
                SchemaPatterns.Cpu => "amount of CPU",
                SchemaPatterns.Memory => "amount of memory",
                SchemaPatterns.Cron => "cron expression",
                SchemaPatterns.Timestamp => "time with numeric offset",
                SchemaPatterns.MaintenanceWindow => "maintenance window",
                SchemaPatterns.Network => "CIDR",
                _ => throw new InvalidOperationException($"The pattern {pattern} has no name."),
            });
        }
        if ((string?)schema["format"] is "uuid" or "date-time") rules.Add((string)schema["format"]!);
        return string.Join("; ", rules);
    }

    private static string Kind(ParameterDefinition p)
    {
        var kind = p.Kind switch
        {
            ParameterKind.Flag => "flag", ParameterKind.Integer or ParameterKind.LongInteger => "integer", ParameterKind.Text => "text", ParameterKind.Template => "template",
            ParameterKind.Secret => "secret text", ParameterKind.Quantity => "quantity", ParameterKind.Duration => "duration", ParameterKind.NamespacedName => "name or namespace/name",
            ParameterKind.TextList => "list", ParameterKind.TextMap => "map", ParameterKind.Containers => "list of containers", ParameterKind.Probe => "probe", _ => "list of role definitions",
        };
        if (p.AllowedValues is { } allowed) kind += ": " + string.Join(", ", allowed.Select(a => $"`{a}`"));
        return p.Minimum is { } minimum ? $"{kind} ≥ {minimum}" : kind;
    }

    private static string Code(string? text) => text is null or "" ? "" : $"`{text}`";

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal).Replace("\n", " ", StringComparison.Ordinal);
}
