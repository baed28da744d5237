using System.Text.Json;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Resources.Schemas;

/// <summary>The custom resource definitions of this project, made from its types. They accept and keep what the reference operator's definitions do, and add to it.</summary>
public static class CustomResourceDefinitions
{
    private static readonly Lazy<CustomResourceDefinition> LazyPostgresql = new(static () => Define(
        Resources.Postgresql.Descriptor,
        PostgresqlSchema.Root(),
        [
            ("Team", "string", ".spec.teamId", "Team that owns the cluster."),
            ("Version", "string", ".spec.postgresql.version", "Major version."),
            ("Pods", "integer", ".spec.numberOfInstances", "PostgreSQL pods asked for."),
            ("Volume", "string", ".spec.volume.size", "Size of the volumes."),
            ("CPU-Request", "string", ".spec.resources.requests.cpu", "CPU of the PostgreSQL container."),
            ("Memory-Request", "string", ".spec.resources.requests.memory", "Memory of the PostgreSQL container."),
            ("Age", "date", ".metadata.creationTimestamp", "Age of the cluster."),
            ("Status", "string", ".status.PostgresClusterStatus", "What the operator says."),
        ]));

    private static readonly Lazy<CustomResourceDefinition> LazyOperatorConfiguration = new(static () => Define(
        Resources.OperatorConfiguration.Descriptor,
        OperatorConfigurationSchema.Root(),
        [
            ("Image", "string", ".configuration.docker_image", "Spilo image."),
            ("Cluster-Label", "string", ".configuration.kubernetes.cluster_name_label", "Label with the cluster's name."),
            ("Service-Account", "string", ".configuration.kubernetes.pod_service_account_name", "Service account of the pods."),
            ("Min-Instances", "integer", ".configuration.min_instances", "Smallest number of pods of a cluster."),
            ("Age", "date", ".metadata.creationTimestamp", "Age of the configuration."),
        ]));

    private static readonly Lazy<CustomResourceDefinition> LazyPostgresTeam = new(static () => Define(Resources.PostgresTeam.Descriptor, PostgresTeamSchema.Root(), []));

    private static readonly Lazy<CustomResourceDefinition> LazyFabricEventStream = new(static () => Define(Resources.FabricEventStream.Descriptor, FabricEventStreamSchema.Root(), []));

    private static readonly Lazy<JsonObject> LazyMetadata = new(static () => KubernetesSchemas.Of("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta", null));

    private static readonly System.Collections.Concurrent.ConcurrentDictionary<string, JsonObject> Schemas = new(StringComparer.Ordinal);

    /// <summary>Definition of <see cref="Resources.Postgresql"/>.</summary>
    public static CustomResourceDefinition Postgresql => LazyPostgresql.Value;

    /// <summary>Definition of <see cref="Resources.OperatorConfiguration"/>.</summary>
    public static CustomResourceDefinition OperatorConfiguration => LazyOperatorConfiguration.Value;

    /// <summary>Definition of <see cref="Resources.PostgresTeam"/>.</summary>
    public static CustomResourceDefinition PostgresTeam => LazyPostgresTeam.Value;

    /// <summary>Definition of <see cref="Resources.FabricEventStream"/>.</summary>
    public static CustomResourceDefinition FabricEventStream => LazyFabricEventStream.Value;

    /// <summary>All definitions.</summary>
    public static IReadOnlyList<CustomResourceDefinition> All => [Postgresql, OperatorConfiguration, PostgresTeam, FabricEventStream];

    /// <summary>A definition as a JSON object that the caller may change.</summary>
    /// <param name="definition">One of <see cref="All"/>.</param>
    public static JsonObject ToJson(CustomResourceDefinition definition) =>
        (JsonObject)JsonSerializer.SerializeToNode(definition, CustomResourceDefinition.JsonTypeInfo)!;

    /// <summary>Shape of the metadata of every object.</summary>
    internal static JsonObject MetadataSchema => LazyMetadata.Value;

    /// <summary>The JSON schema of one kind, as an object that the caller may change.</summary>
    /// <param name="kind">Kind of one of the definitions.</param>
    /// <exception cref="KeyNotFoundException">It is none of them.</exception>
    public static JsonObject SchemaOf(KubernetesKind kind)
    {
        ArgumentNullException.ThrowIfNull(kind);
        return kind.Kind switch
        {
            "postgresql" => PostgresqlSchema.Root(),
            "OperatorConfiguration" => OperatorConfigurationSchema.Root(),
            "PostgresTeam" => PostgresTeamSchema.Root(),
            "FabricEventStream" => FabricEventStreamSchema.Root(),
            _ => throw new KeyNotFoundException($"{kind} is no kind of this project."),
        };
    }

    /// <summary>The JSON schema of one kind, shared: it must not be changed.</summary>
    internal static JsonObject CachedSchemaOf(KubernetesKind kind) => Schemas.GetOrAdd(kind.Kind, static (_, k) => SchemaOf(k), kind);

    private static CustomResourceDefinition Define(KubernetesKind kind, JsonObject schema, (string Name, string Type, string Path, string Description)[] columns)
    {
        var version = new JsonObject { ["name"] = kind.Version, ["served"] = true, ["storage"] = true, ["schema"] = new JsonObject { ["openAPIV3Schema"] = schema } };
        if (columns.Length > 0)
        {
            version["additionalPrinterColumns"] = new JsonArray([.. columns.Select(static c => (JsonNode)new JsonObject
            {
                ["name"] = c.Name, ["type"] = c.Type, ["jsonPath"] = c.Path, ["description"] = c.Description,
            })]);
        }
        var subresources = new JsonObject();
        if (kind.Subresources.Contains("status", StringComparer.Ordinal)) subresources["status"] = new JsonObject();
        if (kind.Subresources.Contains("scale", StringComparer.Ordinal))
        {
            subresources["scale"] = new JsonObject
            {
                ["specReplicasPath"] = ".spec.numberOfInstances", ["statusReplicasPath"] = ".status.numberOfInstances", ["labelSelectorPath"] = ".status.labelSelector",
            };
        }
        if (subresources.Count > 0) version["subresources"] = subresources;
        var definition = new JsonObject
        {
            ["apiVersion"] = "apiextensions.k8s.io/v1",
            ["kind"] = "CustomResourceDefinition",
            ["metadata"] = new JsonObject { ["name"] = kind.QualifiedName, ["labels"] = new JsonObject { ["app.kubernetes.io/name"] = "postgres-operator" } },
            ["spec"] = new JsonObject
            {
                ["group"] = kind.Group,
                ["scope"] = "Namespaced",
                ["names"] = new JsonObject
                {
                    ["kind"] = kind.Kind,
                    ["listKind"] = kind.ListKind,
                    ["plural"] = kind.Plural,
                    ["singular"] = kind.Singular,
                    ["shortNames"] = new JsonArray([.. kind.ShortNames.Select(static n => (JsonNode)n)]),
                    ["categories"] = new JsonArray([.. kind.Categories.Select(static n => (JsonNode)n)]),
                },
                ["versions"] = new JsonArray(version),
            },
        };
        return definition.Deserialize(CustomResourceDefinition.JsonTypeInfo)!;
    }
}
