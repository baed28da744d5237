using System.Text.Json;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning.Json;
using Zalando.Postgres.Sdk.Planning.Tests.Fixtures;

namespace Zalando.Postgres.Sdk.Planning.Tests;

public sealed class PlanSchemaTests
{
    private static readonly JsonWriterOptions Readable = new() { Indented = true };


    [Fact]
    public void The_published_schema_is_that_of_the_code()
    {
        var file = Path.Combine(RepositoryFolder(), "docs", "reference", "plan.schema.json");
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, Readable)) PlanJson.Schema().WriteTo(writer);
        var text = System.Text.Encoding.UTF8.GetString(stream.ToArray()) + "\n";
        if (Environment.GetEnvironmentVariable("UPDATE_REFERENCE_PAGES") == "1") File.WriteAllText(file, text);
        Assert.True(File.ReadAllText(file) == text, "The form of plans has changed. Fields may be added; for anything else raise Plan.CurrentSchemaVersion. Then run with UPDATE_REFERENCE_PAGES=1.");
    }

    [Theory]
    [InlineData("small")]
    [InlineData("complete")]
    public void Plans_of_a_whole_life_fit_the_schema(string name)
    {
        var schema = PlanJson.Schema();
        var cluster = new FixtureCase(name).Start();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        Check();
        cluster.Manifest = Edited(spec =>
        {
            spec["dockerImage"] = "registry.example.org/spilo:next";
            spec["volume"]!["size"] = "100Gi";
            spec["enableConnectionPooler"] = false;
            spec["postgresql"]!["parameters"] = new JsonObject { ["max_connections"] = "300" };
        });
        Check();
        cluster.Manifest = Edited(spec => spec["users"] = new JsonObject { ["Not a name!"] = new JsonArray() });
        Assert.Empty(Violations(schema, schema, PlanJson.ToNode(ClusterPlanner.Plan(cluster.Input())), "$"));
        Assert.Superset(new HashSet<string> { "createObject", "patchObject", "replaceObject", "recreatePod", "switchover", "patchPatroniConfiguration" }, seen);

        void Check() => cluster.Run(plan =>
        {
            var node = PlanJson.ToNode(plan);
            Assert.Empty(Violations(schema, schema, node, "$"));
            seen.UnionWith(node["changes"]!.AsArray().Select(c => (string)c!["type"]!));
        });

        JsonObject Edited(Action<JsonNode> edit)
        {
            var copy = (JsonObject)cluster.Manifest.DeepClone();
            edit(copy["spec"]!);
            return copy;
        }
    }

    [Fact]
    public void A_field_of_a_wrong_kind_does_not_fit()
    {
        var schema = PlanJson.Schema();
        var plan = PlanJson.ToNode(ClusterPlanner.Plan(new FixtureCase("small").Start().Input()));
        plan["changes"]![0]!["disruption"] = "Catastrophe";
        Assert.NotEmpty(Violations(schema, schema, plan, "$"));
    }

    // As much of JSON Schema as the plan's uses.
    private static List<string> Violations(JsonNode root, JsonNode? schema, JsonNode? value, string path)
    {
        var found = new List<string>();
        if (schema is not JsonObject rules) return found;
        if (rules["$ref"] is { } reference) return Violations(root, Resolve(root, (string)reference!), value, path);
        if (rules["type"] is { } type && !(type is JsonArray several ? several.Any(t => IsOf(value, (string)t!)) : IsOf(value, (string)type!))) found.Add($"{path} is no {type}");
        if (rules["const"] is { } constant && !JsonNode.DeepEquals(constant, value)) found.Add($"{path} is not {constant}");
        if (rules["enum"] is JsonArray allowed && !allowed.Any(a => JsonNode.DeepEquals(a, value))) found.Add($"{path} is none of {allowed.ToJsonString()}");
        if (rules["anyOf"] is JsonArray choices && choices.All(c => Violations(root, c, value, path).Count > 0)) found.Add($"{path} fits no choice");
        if (value is JsonObject item)
        {
            foreach (var name in rules["required"] as JsonArray ?? []) if (!item.ContainsKey((string)name!)) found.Add($"{path} lacks {name}");
            foreach (var (name, child) in item)
                if (rules["properties"]?[name] is { } property) found.AddRange(Violations(root, property, child, $"{path}.{name}"));
        }

        if (value is JsonArray list && rules["items"] is { } items)
            for (var i = 0; i < list.Count; i++) found.AddRange(Violations(root, items, list[i], $"{path}[{i}]"));
        return found;
    }

    private static JsonNode? Resolve(JsonNode root, string pointer)
    {
        JsonNode? node = root;
        foreach (var part in pointer.TrimStart('#').Split('/', StringSplitOptions.RemoveEmptyEntries))
            node = node is JsonArray list ? list[int.Parse(part)] : node?[part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)];
        return node;
    }

    private static bool IsOf(JsonNode? value, string type) => (value?.GetValueKind() ?? JsonValueKind.Null) switch
    {
        JsonValueKind.Object => type == "object",
        JsonValueKind.Array => type == "array",
        JsonValueKind.String => type == "string",
        JsonValueKind.Number => type is "number" or "integer",
        JsonValueKind.True or JsonValueKind.False => type == "boolean",
        _ => type == "null",
    };

    private static string RepositoryFolder()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory!.FullName, "Zalando.Postgres.Sdk.sln"))) directory = directory.Parent;
        return directory.FullName;
    }
}
