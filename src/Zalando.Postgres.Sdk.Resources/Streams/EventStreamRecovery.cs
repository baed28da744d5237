using System.Text.Json;
using System.Text.Json.Serialization;

namespace Zalando.Postgres.Sdk.Resources.Streams;

/// <summary>What happens to events that cannot be delivered.</summary>
public sealed record EventStreamRecovery
{
    /// <summary><c>None</c>, <c>Ignore</c> or <c>DeadLetter</c>.</summary>
    [JsonPropertyName("type")]
    public string? Type { get; init; }

    /// <summary>The dead letter queue; only with <c>DeadLetter</c>.</summary>
    [JsonPropertyName("sink")]
    public EventStreamSink? Sink { get; init; }

    /// <summary>Fields that this version of the type does not know; kept as they came.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? UnknownFields { get; set; }
}
