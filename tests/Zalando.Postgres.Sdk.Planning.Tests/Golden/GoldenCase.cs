using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Kubernetes.Yaml;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Planning.Tests.Golden;

/// <summary>One recorded case.</summary>
internal sealed class GoldenCase
{
    public const string StoredPassword = "stored-password";

    private readonly string _folder;

    private GoldenCase(string folder)
    {
        _folder = folder;
        ConfigurationNode = Parse("config.yaml").Single();
        ManifestNode = Prepared(Parse("manifest.yaml").Single());
        Pre = File.Exists(Path.Combine(folder, "pre.yaml")) ? [.. Parse("pre.yaml").Select(Existing)] : [];
        Posted = Objects("posted").ToDictionary(p => p.File, p => p.Object, StringComparer.Ordinal);
        Status = File.ReadAllText(Path.Combine(folder, "status.txt")).Trim();
    }

    public string Name => Path.GetFileName(_folder);

    public JsonObject ConfigurationNode { get; }

    public JsonObject ManifestNode { get; }

    public IReadOnlyList<JsonObject> Pre { get; }

    public IReadOnlyDictionary<string, JsonObject> Posted { get; }

    public string Status { get; }

    public bool EndsRunning => Status == "Running";

    public IReadOnlyList<string> Steps => Directory.Exists(Path.Combine(_folder, "steps"))
        ? [.. Directory.GetDirectories(Path.Combine(_folder, "steps")).Select(Path.GetFileName).OfType<string>().Order(StringComparer.Ordinal)]
        : [];

    public static IEnumerable<string> Names => SharedFiles.Golden is { } golden
        ? Directory.GetDirectories(golden).Select(Path.GetFileName).OfType<string>().Order(StringComparer.Ordinal)
        : [];

    public static GoldenCase Load(string name) => new(Path.Combine(SharedFiles.Golden!, name));

    public JsonObject StepPatch(string step) => KubernetesYaml.Parse(File.ReadAllText(Path.Combine(_folder, "steps", step, "patch.yaml"))).Single();

    public IEnumerable<JsonObject> StepLines(string step, string file)
    {
        var path = Path.Combine(_folder, "steps", step, file);
        return File.Exists(path) ? File.ReadLines(path).Where(l => l.Length > 0).Select(l => (JsonObject)JsonNode.Parse(l)!) : [];
    }

    public OperatorConfiguration Configuration() => ReadConfiguration(ConfigurationNode);

    public static OperatorConfiguration ReadConfiguration(JsonObject node) => (string?)node["kind"] == "ConfigMap"
        ? ConfigMapConfiguration.Read(((JsonObject)node["data"]!).ToDictionary(d => d.Key, d => d.Value!.ToString(), StringComparer.Ordinal))
        : node.Deserialize(OperatorConfiguration.JsonTypeInfo)!;

    public static Postgresql ReadManifest(JsonObject node) => node.Deserialize(Postgresql.JsonTypeInfo)!;

    public PlanningInput Input(JsonObject manifest, ObservedCluster observed) => new()
    {
        Manifest = ReadManifest(manifest),
        Configuration = Configuration(),
        Observed = observed,
        Now = new DateTimeOffset(2026, 7, 1, 12, 0, 0, TimeSpan.Zero),
        PasswordSeed = Seed,
    };

    public static PasswordSeed Seed { get; } = PasswordSeed.FromBytes([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]);

    /// <summary>The stored objects and those that were there before, with usable passwords.</summary>
    public IReadOnlyList<JsonObject> Stored()
    {
        var objects = Objects("stored").Select(s => s.Object).ToList();
        foreach (var item in objects)
        {
            if ((string?)item["kind"] == "Secret" && item["data"] is JsonObject data)
            {
                foreach (var key in data.Select(d => d.Key).ToArray())
                {
                    if (key == "userlist.txt") data[key] = Encoded(UserList((string)item["metadata"]!["name"]!));
                    else if ((string?)data[key] == "<password>") data[key] = Encoded(StoredPassword);
                }
            }
        }

        return [.. objects, .. Pre];
    }

    /// <summary>The files of the stored objects, and of those that were there before, as they were recorded: with placeholders.</summary>
    public IEnumerable<string> StoredTexts()
    {
        foreach (var file in Directory.GetFiles(Path.Combine(_folder, "stored"), "*.yaml").Order(StringComparer.Ordinal)) yield return File.ReadAllText(file);
        if (Path.Combine(_folder, "pre.yaml") is var pre && File.Exists(pre)) yield return File.ReadAllText(pre);
    }

    public JsonObject StoredManifest()
    {
        var node = Objects("stored").Select(s => s.Object).FirstOrDefault(o => (string?)o["kind"] == "postgresql");
        return Prepared(node ?? ManifestNode);
    }

    private string UserList(string secret) =>
        ((string?)Posted.GetValueOrDefault($"secret-{secret}")?["stringData"]?["userlist.txt"] ?? "").Replace("<password>", StoredPassword, StringComparison.Ordinal);

    private static string Encoded(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static JsonObject Prepared(JsonObject manifest)
    {
        var metadata = (JsonObject)manifest["metadata"]!;
        metadata["namespace"] ??= "default";
        metadata["uid"] = $"<uid:postgresql/{metadata["name"]}>";
        metadata.Remove("deletionTimestamp");
        return manifest;
    }

    private static JsonObject Existing(JsonObject item)
    {
        ((JsonObject)item["metadata"]!)["namespace"] ??= "default";
        return WithData(item);
    }

    /// <summary>As the API server stores a Secret: texts become data.</summary>
    public static JsonObject WithData(JsonObject item)
    {
        if (item["stringData"] is not JsonObject texts) return item;
        if (item["data"] is not JsonObject data) item["data"] = data = [];
        foreach (var (key, value) in texts) data[key] = Encoded(value!.ToString());
        item.Remove("stringData");
        return item;
    }

    private IReadOnlyList<JsonObject> Parse(string file) => KubernetesYaml.Parse(File.ReadAllText(Path.Combine(_folder, file)));

    private IEnumerable<(string File, JsonObject Object)> Objects(string folder)
    {
        var path = Path.Combine(_folder, folder);
        if (!Directory.Exists(path)) yield break;
        foreach (var file in Directory.GetFiles(path, "*.yaml").Order(StringComparer.Ordinal))
            yield return (Path.GetFileNameWithoutExtension(file), KubernetesYaml.Parse(File.ReadAllText(file)).Single());
    }
}
