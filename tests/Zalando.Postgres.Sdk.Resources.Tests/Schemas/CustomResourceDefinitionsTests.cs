using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Resources.Schemas;

namespace Zalando.Postgres.Sdk.Resources.Tests.Schemas;

public sealed class CustomResourceDefinitionsTests
{
    private static readonly string[] DeprecatedFields = ["useLoadBalancer", "replicaLoadBalancer", "init_containers", "pod_priority_class_name", "enable_crd_validation", "enable_ebs_gp3_migration", "enable_ebs_gp3_migration_max_size"];

    public static TheoryData<string> Kinds => ["Postgresql", "OperatorConfiguration", "PostgresTeam", "FabricEventStream"];

    [Fact]
    public void A_definition_says_what_the_descriptor_of_its_type_says()
    {
        Assert.Equal(
            new[] { Postgresql.Descriptor, OperatorConfiguration.Descriptor, PostgresTeam.Descriptor, FabricEventStream.Descriptor }.Select(k => k.QualifiedName),
            CustomResourceDefinitions.All.Select(d => d.Metadata.Name));
        var version = CustomResourceDefinitions.ToJson(CustomResourceDefinitions.Postgresql)["spec"]!["versions"]![0]!;
        Assert.Equal(".status.numberOfInstances", (string?)version["subresources"]!["scale"]!["statusReplicasPath"]);
        Assert.NotNull(version["subresources"]!["status"]);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_schema_has_exactly_the_fields_and_kinds_of_value_of_its_type(string kind)
    {
        var (type, descriptor) = kind switch
        {
            "Postgresql" => (typeof(Postgresql), Postgresql.Descriptor),
            "OperatorConfiguration" => (typeof(OperatorConfiguration), OperatorConfiguration.Descriptor),
            "PostgresTeam" => (typeof(PostgresTeam), PostgresTeam.Descriptor),
            _ => (typeof(FabricEventStream), FabricEventStream.Descriptor),
        };
        var differences = new List<string>();

        Compare(type, CustomResourceDefinitions.SchemaOf(descriptor), "", differences);

        Assert.Empty(differences);
    }

    [Fact]
    public void The_network_pattern_accepts_networks_and_nothing_else()
    {
        var pattern = new System.Text.RegularExpressions.Regex(SchemaPatterns.Network, System.Text.RegularExpressions.RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1));

        Assert.All(new[] { "10.0.0.0/8", "127.0.0.1/32", "0.0.0.0/0", "::/0", "::1/128", "fd00::/8", "2001:db8::1/64", "1:2:3:4:5:6:7:8/128", "1::8/12", "fe80:1:2::/48" }, t => Assert.Matches(pattern, t));
        Assert.All(new[] { "", "10.0.0.0", "256.0.0.0/8", "10.0.0.0/33", "10.0.0/8", "::/129", ":::/1", "1:2:3:4:5:6:7:8:9/1", "1::2::3/1", "::ffff:1.2.3.4/96", "fe80::1%eth0/64", "a/8" }, t => Assert.DoesNotMatch(pattern, t));
    }

    private static void Compare(Type type, JsonObject schema, string path, List<string> differences)
    {
        var info = (PostgresJsonContext.Default.Options.GetTypeInfo(type) as JsonTypeInfo)!;
        if (info.Kind == JsonTypeInfoKind.Dictionary) return;
        var declared = (schema["properties"] as JsonObject)?.Select(p => p.Key).ToHashSet(StringComparer.Ordinal) ?? [];
        foreach (var property in info.Properties.Where(p => !p.IsExtensionData && p.Get is not null))
        {
            var name = property.Name;
            if (path.Length == 0 && name is "apiVersion" or "kind" or "metadata") continue;
            if (!declared.Remove(name))
            {
                differences.Add($"{path}.{name} is in the type but not in the schema");
                continue;
            }
            CompareValue(property.PropertyType, (JsonObject)schema["properties"]![name]!, $"{path}.{name}", differences);
        }
        declared.ExceptWith(path.Length == 0 ? ["apiVersion", "kind", "metadata"] : path is ".spec" or ".configuration" or ".configuration.aws_or_gcp" ? DeprecatedFields : []);
        differences.AddRange(declared.Select(d => $"{path}.{d} is in the schema but not in the type"));
    }

    private static void CompareValue(Type type, JsonObject schema, string path, List<string> differences)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        var actual = (string?)schema["type"];
        if (schema["x-kubernetes-int-or-string"] is not null) return;
        var expected = type == typeof(bool) ? "boolean" : type == typeof(int) || type == typeof(long) ? "integer" : type == typeof(string) || type == typeof(Time) || type == typeof(SensitiveText) ? "string"
            : type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) ? "array" : "object";
        if (actual != expected) differences.Add($"{path} is {expected} in the type and {actual} in the schema");
        if (expected == "array") CompareValue(type.GetGenericArguments()[0], (JsonObject)schema["items"]!, path + "[]", differences);
        else if (type.IsGenericType) CompareValue(type.GetGenericArguments()[1], (JsonObject)schema["additionalProperties"]!, path + "{}", differences);
        else if (expected == "object" && type != typeof(JsonElement)) Compare(type, schema, path, differences);
    }
}
