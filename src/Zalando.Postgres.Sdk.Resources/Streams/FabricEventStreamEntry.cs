using System.Text.Json;
using System.Text.Json.Serialization;

namespace Zalando.Postgres.Sdk.Resources.Streams;

/// <summary>From one table to one event type.</summary>
public sealed record FabricEventStreamEntry
{
    /// <summary>How rows become events.</summary>
    [JsonPropertyName("flow")]
    public EventStreamFlow? Flow { get; init; }

    /// <summary>Where events go.</summary>
    [JsonPropertyName("sink")]
    public EventStreamSink? Sink { get; init; }

    /// <summary>Where rows come from.</summary>
    [JsonPropertyName("source")]
    public EventStreamSource? Source { get; init; }

    /// <summary>What happens to events that cannot be delivered.</summary>
    [JsonPropertyName("recovery")]
    public EventStreamRecovery? Recovery { get; init; }

    /// <summary>Fields that this version of the type does not know; kept as they came.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? UnknownFields { get; set; }
}
