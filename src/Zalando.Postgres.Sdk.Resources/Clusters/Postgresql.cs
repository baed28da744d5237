using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Zalando.Postgres.Sdk.Resources.Json;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Resources;

/// <summary>A highly available PostgreSQL cluster: kind <c>postgresql</c> of <c>acid.zalan.do/v1</c>.</summary>
public sealed record Postgresql : IKubernetesObject<Postgresql>
{
    /// <inheritdoc />
    public static KubernetesKind Descriptor { get; } = new()
    {
        Group = "acid.zalan.do",
        Version = "v1",
        Kind = "postgresql",
        Plural = "postgresqls",
        Singular = "postgresql",
        Namespaced = true,
        ShortNames = ["pg"],
        Categories = ["all"],
        Verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"],
        Subresources = ["status", "scale"],
    };

    /// <inheritdoc />
    public static JsonTypeInfo<Postgresql> JsonTypeInfo => PostgresJsonContext.Default.Postgresql;

    /// <inheritdoc />
    [JsonPropertyName("apiVersion")]
    public string ApiVersion { get => field ?? "acid.zalan.do/v1"; init; }

    /// <inheritdoc />
    [JsonPropertyName("kind")]
    public string Kind { get => field ?? "postgresql"; init; }

    /// <inheritdoc />
    [JsonPropertyName("metadata")]
    public ObjectMeta Metadata { get => field ?? ObjectMeta.Empty; init; }

    /// <summary>What the owner asks for. Never null; empty when the JSON has none.</summary>
    [JsonPropertyName("spec")]
    public PostgresqlSpec Spec { get => field ?? PostgresqlSpec.Empty; init; }

    /// <summary>What the operator says of it; null before it was first seen. A plain text, as old operators wrote it, is read as <see cref="PostgresqlStatus.PostgresClusterStatus"/>.</summary>
    [JsonPropertyName("status")]
    [JsonConverter(typeof(PostgresqlStatusJsonConverter))]
    public PostgresqlStatus? Status { get; init; }

    /// <summary>Fields that this version of the type does not know; kept as they came.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? UnknownFields { get; set; }

    /// <inheritdoc />
    public Postgresql WithMetadata(ObjectMeta metadata) => this with { Metadata = metadata };
}
