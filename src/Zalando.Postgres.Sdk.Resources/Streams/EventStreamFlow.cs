using System.Text.Json;
using System.Text.Json.Serialization;

namespace Zalando.Postgres.Sdk.Resources.Streams;

/// <summary>How rows become events.</summary>
public sealed record EventStreamFlow
{
    /// <summary>Kind of the flow, <c>PostgresWalToGenericNakadiEvent</c>.</summary>
    [JsonPropertyName("type")]
    public string? Type { get; init; }

    /// <summary>Column that holds the payload. Default: the consumer's.</summary>
    [JsonPropertyName("payloadColumn")]
    public string? PayloadColumn { get; init; }

    /// <summary>Fields that this version of the type does not know; kept as they came.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? UnknownFields { get; set; }
}
