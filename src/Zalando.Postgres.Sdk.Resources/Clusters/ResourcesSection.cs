using System.Text.Json;
using System.Text.Json.Serialization;

namespace Zalando.Postgres.Sdk.Resources;

/// <summary>CPU and memory of a container.</summary>
public sealed record ResourcesSection
{
    /// <summary>What the container is guaranteed. Default: the operator's.</summary>
    [JsonPropertyName("requests")]
    public ResourceAmounts? Requests { get; init; }

    /// <summary>What the container may use at most. Default: the operator's.</summary>
    [JsonPropertyName("limits")]
    public ResourceAmounts? Limits { get; init; }

    /// <summary>Fields that this version of the type does not know; kept as they came.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? UnknownFields { get; set; }
}
