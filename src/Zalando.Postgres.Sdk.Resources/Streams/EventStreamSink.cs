using System.Text.Json;
using System.Text.Json.Serialization;

namespace Zalando.Postgres.Sdk.Resources.Streams;

/// <summary>Where events go.</summary>
public sealed record EventStreamSink
{
    /// <summary>Kind of the sink, <c>Nakadi</c>.</summary>
    [JsonPropertyName("type")]
    public string? Type { get; init; }

    /// <summary>Type of the events.</summary>
    [JsonPropertyName("eventType")]
    public string? EventType { get; init; }

    /// <summary>Largest number of events per batch. Default: the consumer's.</summary>
    [JsonPropertyName("maxBatchSize")]
    public long? MaxBatchSize { get; init; }

    /// <summary>Fields that this version of the type does not know; kept as they came.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? UnknownFields { get; set; }
}
