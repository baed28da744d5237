using System.Text.Json;
using System.Text.Json.Serialization;

namespace Zalando.Postgres.Sdk.Resources;

/// <summary>How the changes of one table become events.</summary>
public sealed record EventStreamTable
{
    /// <summary>Type of the events. Required.</summary>
    [JsonPropertyName("eventType")]
    public string? EventType { get; init; }

    /// <summary>Type of the events in the dead letter queue. Default: the event type and <c>-dead-letter-queue</c>.</summary>
    [JsonPropertyName("recoveryEventType")]
    public string? RecoveryEventType { get; init; }

    /// <summary>Drops events that cannot be delivered. Default: false.</summary>
    [JsonPropertyName("ignoreRecovery")]
    public bool? IgnoreRecovery { get; init; }

    /// <summary>Column that orders the events. Default: the consumer's.</summary>
    [JsonPropertyName("idColumn")]
    public string? IdColumn { get; init; }

    /// <summary>Column that holds the payload. Default: the consumer's.</summary>
    [JsonPropertyName("payloadColumn")]
    public string? PayloadColumn { get; init; }

    /// <summary>Fields that this version of the type does not know; kept as they came.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? UnknownFields { get; set; }
}
