using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Resources;

/// <summary>Further teams and users for the clusters of a team: kind <c>PostgresTeam</c> of <c>acid.zalan.do/v1</c>. All objects count together.</summary>
public sealed record PostgresTeam : IKubernetesObject<PostgresTeam>
{
    /// <inheritdoc />
    public static KubernetesKind Descriptor { get; } = new()
    {
        Group = "acid.zalan.do",
        Version = "v1",
        Kind = "PostgresTeam",
        Plural = "postgresteams",
        Singular = "postgresteam",
        Namespaced = true,
        ShortNames = ["pgteam"],
        Categories = ["all"],
        Verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"],
        Subresources = ["status"],
    };

    /// <inheritdoc />
    public static JsonTypeInfo<PostgresTeam> JsonTypeInfo => PostgresJsonContext.Default.PostgresTeam;

    /// <inheritdoc />
    [JsonPropertyName("apiVersion")]
    public string ApiVersion { get => field ?? "acid.zalan.do/v1"; init; }

    /// <inheritdoc />
    [JsonPropertyName("kind")]
    public string Kind { get => field ?? "PostgresTeam"; init; }

    /// <inheritdoc />
    [JsonPropertyName("metadata")]
    public ObjectMeta Metadata { get => field ?? ObjectMeta.Empty; init; }

    /// <summary>The teams and users. Never null; empty when the JSON has none.</summary>
    [JsonPropertyName("spec")]
    public PostgresTeamSpec Spec { get => field ?? PostgresTeamSpec.Empty; init; }

    /// <summary>Fields that this version of the type does not know; kept as they came.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? UnknownFields { get; set; }

    /// <inheritdoc />
    public PostgresTeam WithMetadata(ObjectMeta metadata) => this with { Metadata = metadata };
}
