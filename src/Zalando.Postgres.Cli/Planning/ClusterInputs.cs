using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Zalando.Postgres.Cli.CommandLine;
using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;

namespace Zalando.Postgres.Cli.Planning;

/// <summary>Turns what was read into what planning takes.</summary>
internal static class ClusterInputs
{
    // Stands for a uid that the API server has not given yet.
    private const string UnknownUid = "<uid>";

    public static OperatorConfiguration Configuration(IReadOnlyList<JsonObject> objects)
    {
        var node = objects.FirstOrDefault(o => Text(o, "kind") is "OperatorConfiguration" or "ConfigMap");
        if (node is null && objects.Count > 0) throw new CommandException("The configuration file holds neither an OperatorConfiguration nor a ConfigMap.");
        if (node is null) return ConfigMapConfiguration.Read(new Dictionary<string, string>(StringComparer.Ordinal));
        if (Text(node, "kind") == "OperatorConfiguration") return Deserialize(node, OperatorConfiguration.JsonTypeInfo);
        var data = (node["data"] as JsonObject ?? []).Where(d => d.Value is not null).ToDictionary(d => d.Key, d => d.Value!.ToString(), StringComparer.Ordinal);
        return ConfigMapConfiguration.Read(data);
    }

    public static IReadOnlyList<JsonObject> Manifests(IReadOnlyList<JsonObject> objects)
    {
        var manifests = objects.Where(o => Text(o, "kind") == "postgresql").ToArray();
        var twice = manifests.GroupBy(m => $"{Text(m["metadata"] as JsonObject ?? [], "namespace")}/{Text(m["metadata"] as JsonObject ?? [], "name")}").FirstOrDefault(g => g.Count() > 1);
        if (twice is not null) throw new CommandException($"The files hold {twice.Count()} postgresql objects named {twice.Key.TrimStart('/')}: plan one of them at a time.");
        return manifests.Length > 0 ? manifests : throw new CommandException("The files hold no postgresql object.");
    }

    /// <summary>Objects as the API server would return them: with a namespace, and secrets with encoded data.</summary>
    public static ObservedCluster Observe(IEnumerable<JsonObject> objects, string defaultNamespace)
    {
        var prepared = new List<JsonObject>();
        foreach (var item in objects)
        {
            if (item["metadata"] is not JsonObject metadata || Text(metadata, "name") is null || Text(item, "kind") is null) continue;
            if (Text(metadata, "namespace") is null) metadata["namespace"] = defaultNamespace;
            if (Text(item, "kind") == "Secret" && item["stringData"] is JsonObject texts)
            {
                if (item["data"] is not JsonObject data) item["data"] = data = [];
                foreach (var (key, value) in texts) data[key] = Convert.ToBase64String(Encoding.UTF8.GetBytes(value?.ToString() ?? ""));
                item.Remove("stringData");
            }

            prepared.Add(item);
        }

        return ObservedCluster.FromObjects(prepared);
    }

    /// <summary>Makes the input of one cluster. What the server knows of the manifest (uid, finalizers) is taken from the observed one.</summary>
    public static PlanningInput Input(JsonObject manifest, OperatorConfiguration configuration, ObservedCluster observed, DateTimeOffset now, string defaultNamespace)
    {
        var copy = (JsonObject)manifest.DeepClone();
        if (copy["metadata"] is not JsonObject metadata) copy["metadata"] = metadata = [];
        if (Text(metadata, "namespace") is null) metadata["namespace"] = defaultNamespace;
        var (space, name) = (Text(metadata, "namespace")!, Text(metadata, "name") ?? "");
        var stored = observed.Find(Postgresql.Descriptor, space, name)?["metadata"] as JsonObject;
        foreach (var field in new[] { "uid", "finalizers", "ownerReferences", "resourceVersion", "generation" })
            if (!metadata.ContainsKey(field) && stored?[field] is { } value) metadata[field] = value.DeepClone();
        if (Text(metadata, "uid") is null) metadata["uid"] = InferUid(observed, space, name) ?? UnknownUid;
        var findings = DeprecatedFields.Translate(copy);
        return new PlanningInput
        {
            Manifest = Deserialize(copy, Postgresql.JsonTypeInfo),
            ManifestFindings = findings,
            Configuration = configuration,
            Observed = observed,
            Now = now,
            PasswordSeed = PasswordSeed.FromBytes(SHA256.HashData("Passwords are never shown, so every run may use the same seed."u8)),
            OperatorNamespace = defaultNamespace,
        };
    }

    // Exported objects often lack the uid of the manifest itself; owner references and archive paths of its parts still have it.
    private static string? InferUid(ObservedCluster observed, string space, string name)
    {
        foreach (var (key, item) in observed.Objects)
        {
            if (key.Namespace != space) continue;
            foreach (var owner in (item["metadata"]?["ownerReferences"] as JsonArray ?? []).OfType<JsonObject>())
                if (Text(owner, "kind") == "postgresql" && Text(owner, "name") == name) return Text(owner, "uid");
        }

        foreach (var (key, item) in observed.Objects)
        {
            if (key.Namespace != space || key.Kind is not ("StatefulSet" or "CronJob")) continue;
            if (item["metadata"]?["labels"] is not JsonObject labels || !labels.Any(l => l.Value?.ToString() == name)) continue;
            if (Suffix(item["spec"]) is { } uid) return uid;
        }

        return null;
    }

    private static string? Suffix(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject item when Text(item, "name") is { } variable && IsScopeSuffix(variable):
                return Text(item, "value") is { Length: > 1 } value && value[0] == '/' ? value[1..] : null;
            case JsonObject item:
                return item.Select(i => Suffix(i.Value)).FirstOrDefault(s => s is not null);
            case JsonArray list:
                return list.Select(Suffix).FirstOrDefault(s => s is not null);
            default:
                return null;
        }

        // Variables of a clone hold the uid of the source.
        static bool IsScopeSuffix(string name) =>
            name.EndsWith("_BUCKET_SCOPE_SUFFIX", StringComparison.Ordinal) && !name.StartsWith("CLONE_", StringComparison.Ordinal);
    }

    private static T Deserialize<T>(JsonObject node, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
    {
        try
        {
            return node.Deserialize(type)!;
        }
        catch (JsonException e)
        {
            throw new CommandException($"{Text(node, "kind")} {Text(node["metadata"] as JsonObject ?? [], "name")}: {e.Path}: {e.Message}");
        }
    }

    internal static string? Text(JsonObject item, string name) => item[name] is JsonValue value && value.TryGetValue(out string? text) ? text : null;
}
