using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Resources.Streams;

namespace Zalando.Postgres.Sdk.Resources;

/// <summary>Change data capture for one application: kind <c>FabricEventStream</c> of <c>zalando.org/v1</c>. The operator writes it, an event consumer reads it.</summary>
public sealed record FabricEventStream : IKubernetesObject<FabricEventStream>
{
    /// <inheritdoc />
    public static KubernetesKind Descriptor { get; } = new()
    {
        Group = "zalando.org",
        Version = "v1",
        Kind = "FabricEventStream",
        Plural = "fabriceventstreams",
        Singular = "fabriceventstream",
        Namespaced = true,
        ShortNames = ["fes"],
        Categories = ["all"],
        Verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"],
        Subresources = [],
    };

    /// <inheritdoc />
    public static JsonTypeInfo<FabricEventStream> JsonTypeInfo => PostgresJsonContext.Default.FabricEventStream;

    /// <inheritdoc />
    [JsonPropertyName("apiVersion")]
    public string ApiVersion { get => field ?? "zalando.org/v1"; init; }

    /// <inheritdoc />
    [JsonPropertyName("kind")]
    public string Kind { get => field ?? "FabricEventStream"; init; }

    /// <inheritdoc />
    [JsonPropertyName("metadata")]
    public ObjectMeta Metadata { get => field ?? ObjectMeta.Empty; init; }

    /// <summary>What is captured. Never null; empty when the JSON has none.</summary>
    [JsonPropertyName("spec")]
    public FabricEventStreamSpec Spec { get => field ?? FabricEventStreamSpec.Empty; init; }

    /// <summary>Fields that this version of the type does not know; kept as they came.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? UnknownFields { get; set; }

    /// <inheritdoc />
    public FabricEventStream WithMetadata(ObjectMeta metadata) => this with { Metadata = metadata };
}
