using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Kubernetes.Yaml;
using Zalando.Postgres.Sdk.Planning.Roles;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;

namespace Zalando.Postgres.Sdk.Database.Tests.Golden;

/// <summary>A recorded case: what went in, and the SQL that came out.</summary>
internal sealed class GoldenCase
{
    private readonly string _folder;
    private readonly IReadOnlyList<JsonObject> _objects;

    private GoldenCase(string folder)
    {
        _folder = folder;
        _objects = File.Exists(Path.Combine(folder, "pre.yaml")) ? KubernetesYaml.Parse(File.ReadAllText(Path.Combine(folder, "pre.yaml"))) : [];
        Manifest = JsonSerializer.Deserialize(KubernetesYaml.Parse(File.ReadAllText(Path.Combine(folder, "manifest.yaml")))[0], Postgresql.JsonTypeInfo)!;
        Settings = OperatorSettings.From(JsonSerializer.Deserialize(KubernetesYaml.Parse(File.ReadAllText(Path.Combine(folder, "config.yaml")))[0], OperatorConfiguration.JsonTypeInfo)!);
    }

    public Postgresql Manifest { get; }

    public OperatorSettings Settings { get; }

    /// <summary>The statements that succeeded, except plain queries. Every password is that of the fixture.</summary>
    public IEnumerable<(string Database, string Sql)> Statements => File.ReadLines(Path.Combine(_folder, "sql.jsonl")).Select(l => JsonNode.Parse(l)!.AsObject())
        .Where(s => s["error"] is null && !s["sql"]!.GetValue<string>().TrimStart().StartsWith("SELECT", StringComparison.OrdinalIgnoreCase))
        .Select(s => (s["database"]!.GetValue<string>(), s["sql"]!.GetValue<string>().Replace("<password-hash>", Servers.PostgresTemplate.Password, StringComparison.Ordinal)));

    public RoleInputs Inputs => new()
    {
        InfrastructureRoles = InfrastructureRoleReader.Read(InfrastructureRoleReader.Definitions(Settings), Source, out _),
        PostgresTeams = TeamGraph.From(Of("PostgresTeam").Select(t => JsonSerializer.Deserialize(t, PostgresTeam.JsonTypeInfo)!)),
        TeamMembers = File.Exists(Path.Combine(_folder, "teams-api.jsonl")) ? Members() : null,
    };

    public static GoldenCase Load(string name)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (!File.Exists(Path.Combine(folder.FullName, "Zalando.Postgres.Sdk.sln"))) continue;
            var golden = Path.Combine(folder.FullName, "..", "shared", "golden", name);
            if (!Directory.Exists(golden)) break;
            return new(golden);
        }

        Assert.Skip("The recorded cases (../shared/golden) are not beside this checkout.");
        throw new InvalidOperationException();
    }

    private Dictionary<string, IReadOnlyList<string>> Members()
    {
        var members = new Dictionary<string, IReadOnlyList<string>>();
        foreach (var call in File.ReadLines(Path.Combine(_folder, "teams-api.jsonl")).Select(l => JsonNode.Parse(l)!.AsObject()))
        {
            var team = call["path"]!.GetValue<string>().Split('/')[^1];
            var body = (call["response"] ?? call["body"] ?? call["answer"]) is JsonValue text ? JsonNode.Parse(text.GetValue<string>()) : call["response"] ?? call["body"] ?? call["answer"];
            if (body?["member"] is JsonArray list) members[team] = list.Select(m => m!.GetValue<string>()).ToArray();
        }

        return members;
    }

    private InfrastructureRoleSource? Source(InfrastructureRoleSecret definition)
    {
        if (!NamespacedName.TryParse(definition.SecretName, out var name)) return null;
        var secret = Of("Secret").LastOrDefault(s => s["metadata"]!["name"]!.GetValue<string>() == name.Name);
        var map = Of("ConfigMap").LastOrDefault(s => s["metadata"]!["name"]!.GetValue<string>() == name.Name);
        if (secret is null) return null;
        var values = new Dictionary<string, string>();
        foreach (var (key, value) in secret["data"]?.AsObject() ?? []) values[key] = Encoding.UTF8.GetString(Convert.FromBase64String(value!.GetValue<string>()));
        foreach (var (key, value) in secret["stringData"]?.AsObject() ?? []) values[key] = value!.GetValue<string>();
        return new() { Secret = values, ConfigMap = map?["data"]?.AsObject().ToDictionary(e => e.Key, e => KubernetesYaml.Parse(e.Value!.GetValue<string>()).FirstOrDefault()) };
    }

    private IEnumerable<JsonObject> Of(string kind) => _objects.Where(o => o["kind"]!.GetValue<string>() == kind);
}
