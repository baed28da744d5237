using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Xml.Linq;
using Zalando.Postgres.Sdk.Resources.Configuration;
using Zalando.Postgres.Sdk.Resources.Schemas;

namespace Zalando.Postgres.Sdk.Resources.Tests.Documentation;

/// <summary>The words in the definitions and on the reference pages are those of the code's documentation.</summary>
public sealed class DescriptionTests
{
    private static readonly Dictionary<string, string> Summaries = XDocument.Load(Path.ChangeExtension(typeof(Postgresql).Assembly.Location, ".xml"), LoadOptions.PreserveWhitespace)
        .Descendants("member").Where(m => m.Element("summary") is not null).ToDictionary(m => (string)m.Attribute("name")!, m => Text(m.Element("summary")!));

    [Fact]
    public void Fields_of_a_cluster_are_described_in_the_same_words_in_the_code_and_in_the_schema()
    {
        var differences = new List<string>();
        Compare(typeof(PostgresqlSpec), (JsonObject)CustomResourceDefinitions.SchemaOf(Postgresql.Descriptor)["properties"]!["spec"]!, differences);
        Compare(typeof(PostgresqlStatus), (JsonObject)CustomResourceDefinitions.SchemaOf(Postgresql.Descriptor)["properties"]!["status"]!, differences);
        Compare(typeof(PostgresTeamSpec), (JsonObject)CustomResourceDefinitions.SchemaOf(PostgresTeam.Descriptor)["properties"]!["spec"]!, differences);
        Compare(typeof(FabricEventStream).GetProperty("Spec")!.PropertyType, (JsonObject)CustomResourceDefinitions.SchemaOf(FabricEventStream.Descriptor)["properties"]!["spec"]!, differences);

        Assert.Empty(differences);
    }

    [Fact]
    public void Parameters_of_the_operator_are_described_in_the_same_words_everywhere()
    {
        var differences = new List<string>();
        foreach (var type in typeof(OperatorParameters).Assembly.GetTypes().Where(t => t.Namespace == typeof(OperatorParameters).Namespace && t.Name.EndsWith("Parameters", StringComparison.Ordinal)))
        {
            foreach (var property in type.GetProperties().Where(p => JsonName(p) is { } name && ParameterDefinitions.ByKey.ContainsKey(name)))
            {
                var definition = ParameterDefinitions.ByKey[JsonName(property)!];
                if (SummaryOf(property) != definition.Description) differences.Add($"{definition.Path}: \"{SummaryOf(property)}\" and \"{definition.Description}\"");
            }
        }

        Assert.Empty(differences);
    }

    private static void Compare(Type type, JsonObject schema, List<string> differences)
    {
        foreach (var property in type.GetProperties().Where(p => JsonName(p) is not null))
        {
            var inner = (JsonObject)schema["properties"]![JsonName(property)!]!;
            if (SummaryOf(property) != (string?)inner["description"]) differences.Add($"{type.Name}.{property.Name}: \"{SummaryOf(property)}\" and \"{inner["description"]}\"");
            var (value, nested) = Unwrap(property.PropertyType, inner);
            if (value.Assembly == typeof(Postgresql).Assembly && value.Namespace != typeof(Resources.Kubernetes.ObjectMeta).Namespace && nested["properties"] is not null) Compare(value, nested, differences);
        }
    }

    private static (Type, JsonObject) Unwrap(Type type, JsonObject schema) => !type.IsGenericType || Nullable.GetUnderlyingType(type) is not null ? (type, schema)
        : schema["items"] is JsonObject items ? Unwrap(type.GetGenericArguments()[0], items)
        : Unwrap(type.GetGenericArguments()[1], (JsonObject)schema["additionalProperties"]!);

    private static string? JsonName(PropertyInfo property) => property.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name;

    private static string? SummaryOf(PropertyInfo property) => Summaries.GetValueOrDefault($"P:{property.DeclaringType!.FullName}.{property.Name}");

    private static string Text(XElement element) => string.Concat(element.Nodes().Select(n => n switch
    {
        XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
        XElement other => other.Value,
        XText text => text.Value,
        _ => "",
    })).Trim();
}
