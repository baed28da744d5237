using System.Text.Json;
using System.Text.Json.Serialization;

namespace Zalando.Postgres.Sdk.Resources;

/// <summary>Amounts of CPU and memory.</summary>
public sealed record ResourceAmounts
{
    /// <summary>CPU in cores, for example <c>100m</c> or <c>1.5</c>. <c>0</c> counts as absent. Default: the operator's.</summary>
    [JsonPropertyName("cpu")]
    public string? Cpu { get; init; }

    /// <summary>Memory as a quantity, for example <c>500Mi</c>. <c>0</c> counts as absent. Default: the operator's.</summary>
    [JsonPropertyName("memory")]
    public string? Memory { get; init; }

    /// <summary>Huge pages of 2 MiB as a quantity. Default: none.</summary>
    [JsonPropertyName("hugepages-2Mi")]
    public string? HugePages2Mi { get; init; }

    /// <summary>Huge pages of 1 GiB as a quantity. Default: none.</summary>
    [JsonPropertyName("hugepages-1Gi")]
    public string? HugePages1Gi { get; init; }

    /// <summary>Fields that this version of the type does not know; kept as they came.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? UnknownFields { get; set; }
}
