using System.Text.Json;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources.Configuration;

namespace Zalando.Postgres.Sdk.Resources.Validation;

/// <summary>Names of version 1 of the reference operator, and what took their place.</summary>
public static class DeprecatedFields
{
    private static readonly (string Old, string New)[] Names =
    [
        ("useLoadBalancer", "enableMasterLoadBalancer"), ("replicaLoadBalancer", "enableReplicaLoadBalancer"),
        ("init_containers", "initContainers"), ("pod_priority_class_name", "podPriorityClassName"),
    ];

    private static readonly string[] RemovedParameters = ["enable_crd_validation", "aws_or_gcp.enable_ebs_gp3_migration", "aws_or_gcp.enable_ebs_gp3_migration_max_size"];

    /// <summary>Puts the successors in place of deprecated names of a cluster.</summary>
    /// <param name="manifest">The manifest.</param>
    /// <param name="findings">A warning per deprecated name, which names its successor.</param>
    /// <returns>The same object when there is nothing to replace.</returns>
    public static Postgresql Translate(Postgresql manifest, out IReadOnlyList<Finding> findings)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        findings = [];
        if (manifest.Spec.UnknownFields is not { } unknown || !Names.Any(n => unknown.ContainsKey(n.Old))) return manifest;
        var json = (JsonObject)JsonSerializer.SerializeToNode(manifest, Postgresql.JsonTypeInfo)!;
        findings = Translate(json);
        return json.Deserialize(Postgresql.JsonTypeInfo)!;
    }

    /// <summary>Puts the successors in place of deprecated names and forms of any object of this project.</summary>
    /// <param name="manifest">The object; changed in place.</param>
    /// <returns>A warning per deprecated name, which names its successor.</returns>
    public static IReadOnlyList<Finding> Translate(JsonObject manifest)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        var findings = new List<Finding>();
        if (manifest["spec"] is JsonObject spec && IsKind(manifest, "postgresql")) TranslateSpec(spec, findings);
        if (manifest["configuration"] is JsonObject configuration && IsKind(manifest, "OperatorConfiguration")) TranslateConfiguration(configuration, findings);
        return findings;
    }

    private static bool IsKind(JsonObject manifest, string kind) => manifest["kind"] is JsonValue value && value.GetValueKind() == JsonValueKind.String && (string?)value == kind;

    private static void TranslateSpec(JsonObject spec, List<Finding> findings)
    {
        // One new name is enough to make both old ones of the load balancers count for nothing.
        var decided = spec["enableMasterLoadBalancer"] is not null || spec["enableReplicaLoadBalancer"] is not null;
        foreach (var (old, successor) in Names)
        {
            if (!spec.TryGetPropertyValue(old, out var value)) continue;
            spec.Remove(old);
            var ignored = old.EndsWith("LoadBalancer", StringComparison.Ordinal) ? decided : spec[successor] is not null;
            if (!ignored && value is not null) spec[successor] = value;
            findings.Add(new Finding
            {
                Severity = FindingSeverity.Warning,
                FieldPath = $"spec.{old}",
                Code = "DeprecatedField",
                Rule = ignored ? $"is deprecated, and ignored because its successor {successor} or a name of the same kind is written too" : $"is deprecated; its successor is {successor}",
                Advice = ignored ? "Delete the line" : $"Write {successor}",
            });
        }
    }

    private static void TranslateConfiguration(JsonObject configuration, List<Finding> findings)
    {
        foreach (var path in RemovedParameters)
        {
            var parts = path.Split('.');
            var owner = parts.Length == 1 ? configuration : configuration[parts[0]] as JsonObject;
            if (owner?.Remove(parts[^1]) == true)
                findings.Add(new Finding { Severity = FindingSeverity.Warning, FieldPath = $"configuration.{path}", Code = "RemovedParameter", Rule = "was removed and has no effect", Advice = "Delete the line" });
        }
        foreach (var definition in ParameterDefinitions.All)
        {
            if (definition.Kind != ParameterKind.Duration) continue;
            var owner = definition.Group.Length == 0 ? configuration : configuration[definition.Group] as JsonObject;
            if (owner?[definition.Key] is not JsonValue value || value.GetValueKind() != JsonValueKind.Number || !value.TryGetValue<long>(out var nanoseconds)) continue;
            var text = DurationText.Format(TimeSpan.FromTicks(nanoseconds / 100));
            owner[definition.Key] = text;
            findings.Add(new Finding
            {
                Severity = FindingSeverity.Warning, FieldPath = definition.Path, Value = $"{nanoseconds}", Code = "DurationNumber",
                Rule = "is a number of nanoseconds, which only version 1 could read", Advice = $"Write \"{text}\"",
            });
        }
    }
}
