using System.Text.Json;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources.Configuration;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Resources.Schemas;

namespace Zalando.Postgres.Sdk.Resources.Validation;

/// <summary>Everything that can be said of an object without a connection: deprecated names, the schema, and the rules beyond it.</summary>
public static class ManifestValidator
{
    private static readonly string[] Kinds = ["postgresql", "OperatorConfiguration", "PostgresTeam", "FabricEventStream"];

    /// <summary>Checks one object of any kind. Of kinds that this project does not know, nothing is said.</summary>
    /// <param name="manifest">The object; it is not changed.</param>
    /// <param name="configuration">The operator's configuration.</param>
    /// <returns>What was found, errors first.</returns>
    public static IReadOnlyList<Finding> Validate(JsonObject manifest, OperatorConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        ArgumentNullException.ThrowIfNull(configuration);
        var copy = (JsonObject)manifest.DeepClone();
        var findings = KindOf(copy) switch
        {
            ("acid.zalan.do/v1", "postgresql") => ValidateCluster(copy, configuration),
            ("acid.zalan.do/v1", "OperatorConfiguration") => ValidateConfiguration(copy),
            ("acid.zalan.do/v1", "PostgresTeam") => ValidateTeam(copy),
            ("zalando.org/v1", "FabricEventStream") => ValidateSchema(copy, FabricEventStream.Descriptor),
            ("v1", "ConfigMap") when IsOperatorConfiguration(copy) => ValidateConfigMap(copy),
            ("acid.zalan.do/v1" or "zalando.org/v1", var kind) when Kinds.Contains(kind, StringComparer.OrdinalIgnoreCase) => [MisspelledKind(kind)],
            _ => [],
        };
        return [.. findings.DistinctBy(static f => (f.FieldPath, f.Code, f.Value)).OrderByDescending(static f => f.Severity)];
    }

    /// <summary>Whether <see cref="Validate"/> has anything to say of an object's kind.</summary>
    /// <param name="manifest">The object.</param>
    public static bool IsKnown(JsonObject manifest)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        var (version, kind) = KindOf(manifest);
        return (version is "acid.zalan.do/v1" or "zalando.org/v1" && Kinds.Contains(kind, StringComparer.OrdinalIgnoreCase)) || IsOperatorConfiguration(manifest);
    }

    /// <summary>Whether an object is a ConfigMap with parameters of the operator.</summary>
    /// <param name="manifest">The object.</param>
    public static bool IsOperatorConfiguration(JsonObject manifest)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        return KindOf(manifest) is ("v1", "ConfigMap") && manifest["data"] is JsonObject data && data.Count(static p => ParameterDefinitions.ByKey.ContainsKey(p.Key)) >= 3;
    }

    private static List<Finding> ValidateCluster(JsonObject manifest, OperatorConfiguration configuration)
    {
        var findings = new List<Finding>(DeprecatedFields.Translate(manifest));
        var schema = ValidateSchema(manifest, Postgresql.Descriptor);
        List<Finding> rules = [];
        // The rules read the types; a value of a wrong type has been reported by the schema already.
        if (TryRead(manifest, Postgresql.JsonTypeInfo, schema) is { } cluster) rules.AddRange(PostgresqlValidator.Validate(cluster, configuration));
        // Both may report one fault; the rule knows better what to do.
        findings.AddRange(schema.Where(f => !rules.Exists(r => r.FieldPath == f.FieldPath && r.Severity >= f.Severity)));
        findings.AddRange(rules);
        return findings;
    }

    private static List<Finding> ValidateConfiguration(JsonObject manifest)
    {
        var findings = new List<Finding>(DeprecatedFields.Translate(manifest));
        var schema = ValidateSchema(manifest, OperatorConfiguration.Descriptor);
        findings.AddRange(schema);
        if (TryRead(manifest, OperatorConfiguration.JsonTypeInfo, schema) is not { } configuration) return findings;
        OperatorSettings.TryFrom(configuration, out var fatal);
        // Windows are reported one by one below.
        findings.AddRange(fatal.Where(f => f.FieldPath != "configuration.maintenance_windows" && !schema.Exists(s => s.FieldPath == f.FieldPath)));
        for (var i = 0; i < (configuration.Configuration.MaintenanceWindows?.Count ?? 0); i++)
        {
            var collector = new FindingCollector();
            MaintenanceRules.CheckWindow($"configuration.maintenance_windows[{i}]", configuration.Configuration.MaintenanceWindows![i], collector);
            findings.AddRange(collector.Findings.Where(f => !schema.Exists(s => s.FieldPath == f.FieldPath)));
        }
        return findings;
    }

    private static List<Finding> ValidateConfigMap(JsonObject manifest)
    {
        var data = new Dictionary<string, string>(StringComparer.Ordinal);
        var findings = new List<Finding>();
        foreach (var (key, value) in (JsonObject)manifest["data"]!)
        {
            if (value?.GetValueKind() == JsonValueKind.String) data[key] = (string)value!;
            else findings.Add(new Finding { Severity = FindingSeverity.Error, FieldPath = $"data.{key}", Code = "SchemaType", Rule = "must be a text", Advice = "Write the value in quotes" });
        }
        var configuration = ConfigMapConfiguration.Read(data, out var texts);
        findings.AddRange(texts);
        OperatorSettings.TryFrom(configuration, out var fatal);
        findings.AddRange(fatal);
        return findings;
    }

    private static List<Finding> ValidateTeam(JsonObject manifest)
    {
        var findings = ValidateSchema(manifest, PostgresTeam.Descriptor);
        if (TryRead(manifest, PostgresTeam.JsonTypeInfo, findings) is not { } team) return findings;
        var collector = new FindingCollector();
        foreach (var (field, lists) in new[]
        {
            ("additionalSuperuserTeams", team.Spec.AdditionalSuperuserTeams), ("additionalTeams", team.Spec.AdditionalTeams), ("additionalMembers", team.Spec.AdditionalMembers),
        })
        {
            foreach (var (key, names) in lists ?? new Dictionary<string, IReadOnlyList<string>?>())
            {
                if (key.Length == 0) collector.Error($"spec.{field}", "", "TeamEmpty", "has an empty team as key", "Write the team's id");
                for (var i = 0; i < (names?.Count ?? 0); i++)
                {
                    if (string.IsNullOrEmpty(names![i])) collector.Error($"spec.{field}.{key}[{i}]", "", "TeamEmpty", "must not be empty", "Delete the line");
                    else if (field == "additionalSuperuserTeams" && names[i] == key) collector.Warn($"spec.{field}.{key}[{i}]", key, "TeamItself", "makes the team's members superusers of its own clusters", "Delete the line if that was not meant");
                    else if (field == "additionalMembers" && System.Text.Encoding.UTF8.GetByteCount(names[i]) > NamePatterns.LongestIdentifier) collector.Error($"spec.{field}.{key}[{i}]", names[i], "RoleName", "must be a role name of at most 63 bytes", "Check the spelling");
                }
            }
        }
        findings.AddRange(collector.Findings);
        return findings;
    }

    private static List<Finding> ValidateSchema(JsonObject manifest, KubernetesKind kind)
    {
        var findings = new List<Finding>(SchemaValidator.Validate(manifest, CustomResourceDefinitions.CachedSchemaOf(kind)));
        if (manifest["metadata"] is JsonObject metadata)
        {
            findings.AddRange(SchemaValidator.Validate(metadata, CustomResourceDefinitions.MetadataSchema)
                .Select(static f => f with { FieldPath = $"metadata.{f.FieldPath}" }));
        }
        return findings;
    }

    private static T? TryRead<T>(JsonObject manifest, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> contract, List<Finding> findings)
        where T : class
    {
        try
        {
            return manifest.Deserialize(contract);
        }
        catch (JsonException exception)
        {
            if (!findings.Exists(static f => f.Severity == FindingSeverity.Error))
                findings.Add(new Finding { Severity = FindingSeverity.Error, FieldPath = exception.Path?.TrimStart('$').TrimStart('.') ?? "", Code = "Unreadable", Rule = "has a value of a wrong kind", Advice = "Check the value" });
            return null;
        }
    }

    private static Finding MisspelledKind(string kind) => new()
    {
        Severity = FindingSeverity.Error, FieldPath = "kind", Value = kind, Code = "UnknownKind",
        Rule = "is no kind of this API group; upper and lower case matter", Advice = $"Write {Kinds.First(k => string.Equals(k, kind, StringComparison.OrdinalIgnoreCase))}, and check apiVersion",
    };

    private static (string ApiVersion, string Kind) KindOf(JsonObject manifest) => (Text(manifest["apiVersion"]), Text(manifest["kind"]));

    private static string Text(JsonNode? node) => node?.GetValueKind() == JsonValueKind.String ? (string)node! : "";
}
