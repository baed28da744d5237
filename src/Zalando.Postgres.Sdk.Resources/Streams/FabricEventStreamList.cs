using System.Text.Json;
using System.Text.Json.Serialization;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Resources;

/// <summary>A list of <see cref="FabricEventStream"/>.</summary>
public sealed record FabricEventStreamList
{
    /// <summary>Group and version.</summary>
    [JsonPropertyName("apiVersion")]
    public string ApiVersion { get => field ?? "zalando.org/v1"; init; }

    /// <summary><c>FabricEventStreamList</c>.</summary>
    [JsonPropertyName("kind")]
    public string Kind { get => field ?? "FabricEventStreamList"; init; }

    /// <summary>Version of the list, and where it continues.</summary>
    [JsonPropertyName("metadata")]
    public ListMeta? Metadata { get; init; }

    /// <summary>The objects. Never null.</summary>
    [JsonPropertyName("items")]
    public IReadOnlyList<FabricEventStream> Items { get => field ?? []; init; }

    /// <summary>Fields that this version of the type does not know; kept as they came.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? UnknownFields { get; set; }
}
