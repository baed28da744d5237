using System.Text.Json;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Kubernetes.Yaml;
using Zalando.Postgres.Sdk.Resources.Configuration;

namespace Zalando.Postgres.Cli.Conversion;

/// <summary>Changes single lines of a manifest, so that everything else stays as it was written.</summary>
internal static class ManifestConversion
{
    private static readonly (string Old, string New)[] Names =
    [
        ("useLoadBalancer", "enableMasterLoadBalancer"), ("replicaLoadBalancer", "enableReplicaLoadBalancer"),
        ("init_containers", "initContainers"), ("pod_priority_class_name", "podPriorityClassName"),
    ];

    private static readonly string[] RemovedParameters = ["enable_crd_validation", "aws_or_gcp.enable_ebs_gp3_migration", "aws_or_gcp.enable_ebs_gp3_migration_max_size"];

    internal static void Apply(string[] lines, KubernetesYamlDocument document, JsonObject manifest, string path, List<string> changes)
    {
        var prefix = path.Length == 0 ? "" : path + ".";
        var kind = manifest["kind"]?.GetValueKind() == JsonValueKind.String ? (string)manifest["kind"]! : "";
        if (kind == "postgresql" && manifest["spec"] is JsonObject spec) ApplyToSpec(lines, document, spec, prefix + "spec", changes);
        if (kind == "OperatorConfiguration" && manifest["configuration"] is JsonObject configuration) ApplyToConfiguration(lines, document, configuration, prefix + "configuration", changes);
    }

    private static void ApplyToSpec(string[] lines, KubernetesYamlDocument document, JsonObject spec, string path, List<string> changes)
    {
        var decided = spec["enableMasterLoadBalancer"] is not null || spec["enableReplicaLoadBalancer"] is not null;
        foreach (var (old, successor) in Names)
        {
            if (!spec.TryGetPropertyValue(old, out var value)) continue;
            var position = document.PositionOf($"{path}.{old}");
            var ignored = value is null || (old.EndsWith("LoadBalancer", StringComparison.Ordinal) ? decided : spec[successor] is not null);
            if (ignored)
            {
                CommentOut(lines, position);
                changes.Add($"line {position.Line}: {old} was ignored, because its successor or a name of the same kind is written; it is a comment now");
            }
            else
            {
                Replace(lines, position, old, successor);
                changes.Add($"line {position.Line}: {old} is {successor} now");
            }
        }
        foreach (var (user, flags) in spec["users"] as JsonObject ?? [])
        {
            if (flags is not null) continue;
            var position = document.PositionOf($"{path}.users.{user}");
            AddValue(lines, position, user, "[]");
            changes.Add($"line {position.Line}: the role {user} has an empty list of flags now; a bare name would be dropped");
        }
    }

    private static void ApplyToConfiguration(string[] lines, KubernetesYamlDocument document, JsonObject configuration, string path, List<string> changes)
    {
        foreach (var removed in RemovedParameters)
        {
            var parts = removed.Split('.');
            var owner = parts.Length == 1 ? configuration : configuration[parts[0]] as JsonObject;
            if (owner?.ContainsKey(parts[^1]) != true) continue;
            var position = document.PositionOf($"{path}.{removed}");
            CommentOut(lines, position);
            changes.Add($"line {position.Line}: {parts[^1]} was removed; it is a comment now");
        }
        foreach (var definition in ParameterDefinitions.All.Where(static d => d.Kind == ParameterKind.Duration))
        {
            var owner = definition.Group.Length == 0 ? configuration : configuration[definition.Group] as JsonObject;
            if (owner?[definition.Key] is not JsonValue value || value.GetValueKind() != JsonValueKind.Number || !long.TryParse(value.ToJsonString(), out var nanoseconds)) continue;
            var position = document.PositionOf($"{path}.{(definition.Group.Length == 0 ? "" : definition.Group + ".")}{definition.Key}");
            var text = DurationText.Format(TimeSpan.FromTicks(nanoseconds / 100));
            Replace(lines, position, value.ToJsonString(), $"\"{text}\"");
            changes.Add($"line {position.Line}: {definition.Key} is the text {text} now instead of a number of nanoseconds");
        }
    }

    private static void Replace(string[] lines, YamlPosition position, string old, string replacement)
    {
        ref var line = ref lines[position.Line - 1];
        var at = line.IndexOf(old, Math.Min(position.Column - 1, line.Length), StringComparison.Ordinal);
        if (at >= 0) line = string.Concat(line.AsSpan(0, at), replacement, line.AsSpan(at + old.Length));
    }

    /// <summary>Makes a field and everything indented below it a comment.</summary>
    private static void CommentOut(string[] lines, YamlPosition position)
    {
        var column = position.Column - 1;
        for (var i = position.Line - 1; i < lines.Length; i++)
        {
            var line = lines[i];
            var indent = line.Length - line.TrimStart(' ').Length;
            // Elements of a list may stand at the column of their key.
            var below = indent > column || (indent == column && line.AsSpan(column).StartsWith("- "));
            if (i > position.Line - 1 && (line.Trim().Length == 0 || !below)) break;
            lines[i] = $"{line[..Math.Min(column, line.Length)]}# {line[Math.Min(column, line.Length)..]}";
        }
    }

    private static void AddValue(string[] lines, YamlPosition position, string key, string value)
    {
        ref var line = ref lines[position.Line - 1];
        var colon = line.IndexOf(':', line.IndexOf(key, Math.Min(position.Column - 1, line.Length), StringComparison.Ordinal) + key.Length);
        if (colon < 0) return;
        var rest = line[(colon + 1)..];
        var comment = rest.IndexOf('#', StringComparison.Ordinal);
        line = $"{line[..(colon + 1)]} {value}{(comment < 0 ? (rest.EndsWith('\r') ? "\r" : "") : "  " + rest[comment..])}";
    }
}
