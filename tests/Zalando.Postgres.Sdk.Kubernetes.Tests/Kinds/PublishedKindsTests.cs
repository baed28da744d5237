using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Kubernetes.Tests.Kinds;

/// <summary>The generated kinds against what the API server publishes: nothing is missing, and nothing is said differently.</summary>
public sealed class PublishedKindsTests
{
    // Bodies of subresources and of answers: they have a type and a shape, and are no resources.
    private static readonly string[] Bodies = ["Status", "Scale", "TokenRequest", "Eviction"];

    private static readonly string[] Keywords =
    [
        "type", "format", "required", "enum", "x-kubernetes-list-type", "x-kubernetes-list-map-keys", "x-kubernetes-map-type", "x-kubernetes-patch-merge-key", "x-kubernetes-patch-strategy",
    ];

    [Fact]
    public void Every_published_kind_has_a_descriptor_and_a_type()
    {
        var types = DescribedTypes();
        var missing = new List<string>();
        var seen = 0;
        foreach (var (name, shape) in PublishedShapes())
        {
            if (shape["properties"]?["metadata"] is null) continue;
            foreach (var identity in shape["x-kubernetes-group-version-kind"]?.AsArray() ?? [])
            {
                var (group, version, kind) = ((string)identity!["group"]!, (string)identity["version"]!, (string)identity["kind"]!);
                if (kind.EndsWith("List", StringComparison.Ordinal)) continue;
                seen++;
                if (Bodies.Contains(kind))
                {
                    if (typeof(Pod).Assembly.GetType($"{typeof(Pod).Namespace}.{kind}") is null) missing.Add($"the type {kind}");
                    continue;
                }

                var described = KubernetesKinds.All.Where(k => (k.Group, k.Version, k.Kind) == (group, version, kind)).ToArray();
                if (described.Length != 1) missing.Add($"the descriptor of {group}/{version} {kind}");
                else if (KubernetesKinds.SchemaNames[described[0]] != name) missing.Add($"the shape {name} of {kind}");
                else if (!types.ContainsKey(described[0])) missing.Add($"the type of {group}/{version} {kind}");
            }
        }

        Assert.Empty(missing);
        Assert.True(seen > 50, $"only {seen} kinds were found");
        Assert.Equal(KubernetesKinds.All.Count, types.Count);
    }

    [Fact]
    public void Descriptors_say_what_discovery_says()
    {
        var path = Path.Combine(Shared(), "apiserver-transcripts", "discovery.jsonl");
        var compared = 0;
        foreach (var line in File.ReadLines(path))
        {
            if (JsonNode.Parse(line)!["response"]?["body"] is not JsonObject body || (string?)body["kind"] != "APIResourceList") continue;
            var groupVersion = ((string)body["groupVersion"]!).Split('/');
            var resources = body["resources"]!.AsArray().Select(static resource => resource!.AsObject()).ToArray();
            foreach (var resource in resources.Where(static resource => !((string)resource["name"]!).Contains('/', StringComparison.Ordinal)))
            {
                var plural = (string)resource["name"]!;
                var kind = KubernetesKinds.All.Single(k => k.ApiVersion == string.Join('/', groupVersion) && k.Plural == plural);
                Assert.Equal(((string)resource["kind"]!, (string)resource["singularName"]!, (bool)resource["namespaced"]!), (kind.Kind, kind.Singular, kind.Namespaced));
                Assert.Equal(Texts(resource["verbs"]), kind.Verbs.Order(StringComparer.Ordinal));
                Assert.Equal(Texts(resource["shortNames"]), kind.ShortNames.Order(StringComparer.Ordinal));
                Assert.Equal(Texts(resource["categories"]), kind.Categories.Order(StringComparer.Ordinal));
                Assert.Equal(resources.Select(static other => (string)other["name"]!).Where(name => name.StartsWith(plural + "/", StringComparison.Ordinal)).Select(name => name[(plural.Length + 1)..]).Order(StringComparer.Ordinal),
                    kind.Subresources.Order(StringComparer.Ordinal));
                compared++;
            }
        }

        Assert.True(compared > 45, $"only {compared} kinds were compared");
    }

    [Fact]
    public void Shapes_have_all_fields_with_their_types_and_merge_keys()
    {
        var differences = new List<string>();
        var fields = 0;
        foreach (var (name, shape) in PublishedShapes())
        {
            if (shape["properties"] is not JsonObject properties || name.EndsWith("List", StringComparison.Ordinal)) continue;
            KubernetesSchema known;
            try
            {
                known = KubernetesSchema.ByName(name);
            }
            catch (KeyNotFoundException)
            {
                if (IsWanted(name)) differences.Add($"{name} is missing");
                continue;
            }

            foreach (var (field, published) in properties)
            {
                fields++;
                if (known.Properties.TryGetValue(field, out var property)) Compare($"{name}.{field}", published!.AsObject(), property, differences);
                else differences.Add($"{name}.{field} is missing");
            }
        }

        Assert.Empty(differences);
        Assert.True(fields > 1500, $"only {fields} fields were compared");
    }

    [Fact]
    public void Types_have_a_property_for_each_field()
    {
        var missing = new List<string>();
        var visited = new HashSet<Type>();
        foreach (var (kind, type) in DescribedTypes()) Visit(type, KubernetesSchema.Of(kind));
        Assert.Empty(missing);
        Assert.True(visited.Count > 300, $"only {visited.Count} types were visited");

        void Visit(Type type, KubernetesSchema schema)
        {
            type = Nullable.GetUnderlyingType(type) ?? type;
            if (type.IsGenericType && schema.Items is { } items)
            {
                Visit(type.GetGenericArguments()[^1], items);
                return;
            }

            if (type.IsGenericType && schema.AdditionalProperties is { } values)
            {
                Visit(type.GetGenericArguments()[^1], values);
                return;
            }

            if (schema.Properties.Count == 0 || KubernetesJsonContext.Default.GetTypeInfo(type) is not { Kind: JsonTypeInfoKind.Object } contract || !visited.Add(type)) return;
            var properties = contract.Properties.ToDictionary(static property => property.Name, StringComparer.Ordinal);
            foreach (var (field, property) in schema.Properties)
            {
                if (properties.TryGetValue(field, out var found)) Visit(found.PropertyType, property);
                else missing.Add($"{type.Name} has no {field}");
            }

            if (!contract.Properties.Any(static property => property.IsExtensionData)) missing.Add($"{type.Name} loses unknown fields");
        }
    }

    private static void Compare(string where, JsonObject published, KubernetesSchema known, List<string> differences)
    {
        foreach (var keyword in Keywords)
        {
            // A reference may stand alone or inside allOf, with markers beside it.
            var expected = published[keyword];
            var actual = keyword switch
            {
                "type" when published["$ref"] is not null || published["allOf"] is not null => null,
                "type" => known.Type,
                "format" => published[keyword] is null ? null : known.Format,
                "required" => known.Required.Count > 0 && expected is not null ? Array(known.Required) : null,
                "enum" => expected is null ? null : known.Enum,
                "x-kubernetes-list-type" => known.ListType,
                "x-kubernetes-list-map-keys" => known.ListMapKeys.Count > 0 ? Array(known.ListMapKeys) : null,
                "x-kubernetes-map-type" => expected is null ? null : known.MapType,
                "x-kubernetes-patch-merge-key" => known.PatchMergeKey,
                _ => known.PatchStrategies.Count > 0 ? string.Join(',', known.PatchStrategies) : (JsonNode?)null,
            };
            if (!JsonNode.DeepEquals(expected, actual)) differences.Add($"{where}: {keyword} is {actual?.ToJsonString() ?? "absent"}, published is {expected?.ToJsonString() ?? "nothing"}");
        }
    }

    private static JsonArray Array(IEnumerable<string> texts) => [.. texts.Select(static text => (JsonNode)text)];

    // Deleted kinds' options and watch events are not objects of anyone.
    private static bool IsWanted(string name) => !name.StartsWith("io.k8s.apimachinery.pkg.", StringComparison.Ordinal);

    private static IEnumerable<string> Texts(JsonNode? list) => (list?.AsArray() ?? []).Select(static item => (string)item!).Order(StringComparer.Ordinal);

    private static Dictionary<KubernetesKind, Type> DescribedTypes() => typeof(Pod).Assembly.GetTypes()
        .Where(static type => type is { IsClass: true, IsAbstract: false } && type.Namespace == typeof(Pod).Namespace
            && type.GetInterfaces().Any(static contract => contract.IsGenericType && contract.GetGenericTypeDefinition() == typeof(IKubernetesObject<>)))
        .ToDictionary(static type => (KubernetesKind)type.GetProperty("Descriptor")!.GetValue(null)!);

    private static IEnumerable<(string Name, JsonObject Shape)> PublishedShapes() =>
        Directory.GetFiles(Path.Combine(Shared(), "apiserver-openapi"), "*.json")
            .SelectMany(static file => JsonNode.Parse(File.ReadAllText(file))!["components"]!["schemas"]!.AsObject())
            .DistinctBy(static pair => pair.Key)
            .Select(static pair => (pair.Key, pair.Value!.AsObject()));

    private static string Shared()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            var shared = Path.Combine(directory.FullName, "..", "shared");
            if (File.Exists(Path.Combine(directory.FullName, "Zalando.Postgres.Sdk.sln")) && Directory.Exists(shared)) return shared;
        }

        Assert.Skip("the shared documents are not beside the repository");
        return "";
    }
}
