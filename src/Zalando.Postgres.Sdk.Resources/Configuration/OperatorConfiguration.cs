using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Resources.Configuration;

namespace Zalando.Postgres.Sdk.Resources;

/// <summary>The operator's behaviour: kind <c>OperatorConfiguration</c> of <c>acid.zalan.do/v1</c>, or a ConfigMap read by <see cref="ConfigMapConfiguration"/>.</summary>
public sealed record OperatorConfiguration : IKubernetesObject<OperatorConfiguration>
{
    /// <inheritdoc />
    public static KubernetesKind Descriptor { get; } = new()
    {
        Group = "acid.zalan.do",
        Version = "v1",
        Kind = "OperatorConfiguration",
        Plural = "operatorconfigurations",
        Singular = "operatorconfiguration",
        Namespaced = true,
        ShortNames = ["opconfig"],
        Categories = ["all"],
        Verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"],
        Subresources = ["status"],
    };

    /// <inheritdoc />
    public static JsonTypeInfo<OperatorConfiguration> JsonTypeInfo => PostgresJsonContext.Default.OperatorConfiguration;

    /// <inheritdoc />
    [JsonPropertyName("apiVersion")]
    public string ApiVersion { get => field ?? "acid.zalan.do/v1"; init; }

    /// <inheritdoc />
    [JsonPropertyName("kind")]
    public string Kind { get => field ?? "OperatorConfiguration"; init; }

    /// <inheritdoc />
    [JsonPropertyName("metadata")]
    public ObjectMeta Metadata { get => field ?? ObjectMeta.Empty; init; }

    /// <summary>The parameters as written; <see cref="OperatorSettings.From"/> fills in defaults. Never null; empty when the JSON has none.</summary>
    [JsonPropertyName("configuration")]
    public OperatorParameters Configuration { get => field ?? OperatorParameters.Empty; init; }

    /// <summary>Where the parameters come from, which decides the defaults. Not part of the object.</summary>
    [JsonIgnore]
    public ConfigurationForm Form { get; init; }

    /// <summary>Fields that this version of the type does not know; kept as they came.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? UnknownFields { get; set; }

    /// <inheritdoc />
    public OperatorConfiguration WithMetadata(ObjectMeta metadata) => this with { Metadata = metadata };
}
