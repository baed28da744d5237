using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources.Configuration;
using static Zalando.Postgres.Sdk.Resources.Schemas.SchemaBuilder;

namespace Zalando.Postgres.Sdk.Resources.Schemas;

/// <summary>Schema of <see cref="OperatorConfiguration"/>, made from <see cref="ParameterDefinitions"/>.</summary>
internal static class OperatorConfigurationSchema
{
    internal static JsonObject Root()
    {
        var parameters = ObjectOf("The parameters.");
        var properties = (JsonObject)parameters["properties"]!;
        foreach (var definition in ParameterDefinitions.All)
        {
            var target = properties;
            if (definition.Group.Length > 0)
            {
                if (properties[definition.Group] is not JsonObject group) properties[definition.Group] = group = ObjectOf(null);
                target = (JsonObject)group["properties"]!;
            }
            target[definition.Key] = Of(definition);
        }
        // Version 1 had these. They stay, so that loading the definition drops nothing that is stored.
        properties["enable_crd_validation"] = Flag("Removed; has no effect.");
        var cloud = (JsonObject)properties["aws_or_gcp"]!["properties"]!;
        cloud["enable_ebs_gp3_migration"] = Flag("Removed; has no effect.");
        cloud["enable_ebs_gp3_migration_max_size"] = LongInteger("Removed; has no effect.");
        return RootOf("The operator's behaviour.", ("configuration", parameters)).Requiring("metadata", "configuration");
    }

    private static JsonObject Of(ParameterDefinition definition)
    {
        var text = definition.Description;
        var node = definition.Kind switch
        {
            ParameterKind.Flag => Flag(text),
            ParameterKind.Integer when definition.Group == "logging_rest_api" => PlainInteger(text),
            ParameterKind.Integer => Integer(text),
            ParameterKind.LongInteger => LongInteger(text),
            ParameterKind.TextList => ListOf(text, Item(definition)),
            ParameterKind.TextMap => MapOf(text, Text(null)),
            ParameterKind.Containers => ListOf(text, KubernetesSchemas.Of("io.k8s.api.core.v1.Container", null)),
            ParameterKind.Probe => KubernetesSchemas.Of("io.k8s.api.core.v1.Probe", text),
            ParameterKind.InfrastructureRoles => ListOf(text, InfrastructureRole()),
            _ => Text(text),
        };
        if (definition.Kind != ParameterKind.TextList && definition.Pattern is { } pattern) node.Matching(pattern);
        if (definition.AllowedValues is { } allowed) node.OneOf(allowed);
        if (definition.Minimum is { } minimum) node.AtLeast(minimum);
        if (definition.SchemaDefault is { } usual) node.WithDefault(DefaultOf(definition.Kind, usual));
        return node;
    }

    private static JsonObject Item(ParameterDefinition definition) => definition.Pattern is { } pattern ? Text(null).Matching(pattern) : Text(null);

    private static JsonObject InfrastructureRole() => ObjectOf(
        null,
        ("secretname", Text("The Secret, as `name` or `namespace/name`. Without a namespace: the operator's.")),
        ("userkey", Text("Key that holds the role's name.")),
        ("passwordkey", Text("Key that holds the password.")),
        ("rolekey", Text("Key that holds the one role it is a member of.")),
        ("defaultuservalue", Text("Name of the role when the key is missing.")),
        ("defaultrolevalue", Text("The role it is a member of when the key is missing.")),
        ("details", Text("Key that holds a YAML description of the role.")),
        ("template", Flag("Whether the Secret has numbered keys.")));

    private static JsonNode DefaultOf(ParameterKind kind, string text) => kind switch
    {
        ParameterKind.Flag => text == "true",
        ParameterKind.Integer or ParameterKind.LongInteger => long.Parse(text),
        ParameterKind.TextList => new JsonArray([.. text.Split(',').Select(static t => (JsonNode)t)]),
        ParameterKind.TextMap => new JsonObject(text.Split(',').Select(static p => p.Split(':')).Select(static p => KeyValuePair.Create(p[0], (JsonNode?)p[1]))),
        _ => text,
    };
}
