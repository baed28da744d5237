using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Zalando.Postgres.Cli.CommandLine;
using Zalando.Postgres.Sdk.Kubernetes.Yaml;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;
using Zalando.Postgres.Sdk.Resources.Validation;

namespace Zalando.Postgres.Cli.Conversion;

/// <summary>Turns a ConfigMap configuration into an <see cref="OperatorConfiguration"/> that means the same: where the defaults of the two forms differ, the ConfigMap's value is written out.</summary>
internal static class ConfigMapConversion
{
    internal static string ToOperatorConfiguration(string text, JsonObject configMap, List<string> changes)
    {
        var data = ((JsonObject)configMap["data"]!).ToDictionary(static p => p.Key, static p => p.Value?.ToString() ?? "", StringComparer.Ordinal);
        var configuration = ConfigMapConfiguration.Read(data, out var findings);
        if (findings.FirstOrDefault(static f => f.Severity == FindingSeverity.Error) is { } error) throw new CommandException($"the ConfigMap cannot be converted: {error}");
        changes.AddRange(findings.Select(static f => f.ToString()));
        var parameters = (JsonObject)JsonSerializer.SerializeToNode(configuration, OperatorConfiguration.JsonTypeInfo)!["configuration"]!;
        changes.AddRange(ParameterDefinitions.All.Where(d => d.Fallback is not null && data.GetValueOrDefault(d.Key) == "").Select(static d => $"{d.Key} is empty in the ConfigMap, which an OperatorConfiguration cannot say: {d.Fallback} counts"));
        WriteOutDifferingDefaults(parameters, data, changes);
        var comments = CommentsOf(text, data);
        var metadata = new JsonObject { ["name"] = configMap["metadata"]?["name"]?.DeepClone() ?? "postgresql-operator-configuration" };
        if (configMap["metadata"]?["namespace"] is { } space) metadata["namespace"] = space.DeepClone();
        var yaml = new StringBuilder(KubernetesYaml.Write(new JsonObject { ["apiVersion"] = "acid.zalan.do/v1", ["kind"] = "OperatorConfiguration", ["metadata"] = metadata })).Append("configuration:\n");
        foreach (var group in ParameterDefinitions.All.GroupBy(static d => d.Group))
        {
            var owner = group.Key.Length == 0 ? parameters : parameters[group.Key] as JsonObject;
            // A group is written even when it is empty, so that the API server fills in its defaults.
            if (group.Key.Length > 0) yaml.Append("  ").Append(group.Key).Append(group.Any(d => owner?[d.Key] is not null) ? ":\n" : ": {}\n");
            var indent = group.Key.Length == 0 ? "  " : "    ";
            foreach (var definition in group)
            {
                if (owner?[definition.Key] is not { } value) continue;
                foreach (var comment in comments.GetValueOrDefault(definition.Key, [])) yaml.Append(indent).Append(comment).Append('\n');
                foreach (var line in KubernetesYaml.Write(new JsonObject { [definition.Key] = value.DeepClone() }).TrimEnd('\n').Split('\n')) yaml.Append(indent).Append(line).Append('\n');
            }
        }
        foreach (var comment in comments.GetValueOrDefault("", [])) yaml.Append("  ").Append(comment).Append('\n');
        return yaml.ToString();
    }

    private static void WriteOutDifferingDefaults(JsonObject parameters, Dictionary<string, string> data, List<string> changes)
    {
        foreach (var definition in ParameterDefinitions.All)
        {
            var asObject = definition.SchemaDefault ?? definition.Fallback;
            if (data.ContainsKey(definition.Key) || definition.ConfigMapDefault is not { } usual || usual == asObject || (definition.Kind == ParameterKind.Flag && usual == (asObject ?? "false"))) continue;
            JsonNode value = definition.Kind switch
            {
                ParameterKind.Flag => usual == "true",
                ParameterKind.Integer => int.Parse(usual),
                ParameterKind.TextMap => new JsonObject(usual.Split(',').Select(static p => p.Split(':')).Select(static p => KeyValuePair.Create(p[0], (JsonNode?)p[1]))),
                ParameterKind.TextList => new JsonArray([.. usual.Split(',').Select(static t => (JsonNode)t)]),
                _ => usual,
            };
            var owner = parameters;
            if (definition.Group.Length > 0)
            {
                if (parameters[definition.Group] is not JsonObject group) parameters[definition.Group] = group = [];
                owner = group;
            }
            owner[definition.Key] = value;
            changes.Add($"{definition.Key} is written out, because its default differs: {usual} in a ConfigMap, {asObject ?? "nothing"} in an OperatorConfiguration");
        }
        // What the ConfigMap switched off by an unwritten flag would be switched on by the defaults of the object.
        foreach (var definition in ParameterDefinitions.All.Where(d => d.Kind == ParameterKind.Flag && d.ConfigMapDefault is null or "false" && d.SchemaDefault == "true" && !data.ContainsKey(d.Key)))
        {
            if (definition.Group.Length > 0 && parameters[definition.Group] is not JsonObject) parameters[definition.Group] = new JsonObject();
            ((JsonObject)(definition.Group.Length == 0 ? parameters : parameters[definition.Group]!))[definition.Key] = false;
        }
    }

    /// <summary>The comment lines in front of each key of <c>data</c>, and those behind the last one under the empty key.</summary>
    private static Dictionary<string, List<string>> CommentsOf(string text, Dictionary<string, string> data)
    {
        var document = KubernetesYaml.ParseDocuments(text)[0];
        var keys = data.Keys.Select(k => (Key: k, document.PositionOf($"data.{k}").Line)).OrderBy(static k => k.Line).ToArray();
        var first = document.PositionOf("data").Line;
        var lines = text.Split('\n');
        var comments = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        var next = 0;
        for (var i = first; i < lines.Length; i++)
        {
            while (next < keys.Length && keys[next].Line < i + 1) next++;
            var line = lines[i].Trim();
            if (!line.StartsWith('#')) continue;
            var key = next < keys.Length ? keys[next].Key : "";
            if (!ParameterDefinitions.ByKey.ContainsKey(key)) key = "";
            if (!comments.TryGetValue(key, out var list)) comments[key] = list = [];
            list.Add(line);
        }
        return comments;
    }
}
