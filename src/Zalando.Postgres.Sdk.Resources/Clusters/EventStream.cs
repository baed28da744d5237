using System.Text.Json;
using System.Text.Json.Serialization;

namespace Zalando.Postgres.Sdk.Resources;

/// <summary>Tables of one database whose changes go to one application.</summary>
public sealed record EventStream
{
    /// <summary>Application that owns the events; one FabricEventStream object per application. Required.</summary>
    [JsonPropertyName("applicationId")]
    public string? ApplicationId { get; init; }

    /// <summary>Source database. Required.</summary>
    [JsonPropertyName("database")]
    public string? Database { get; init; }

    /// <summary>Source tables, as <c>table</c> or <c>schema.table</c>. Required.</summary>
    [JsonPropertyName("tables")]
    public IReadOnlyDictionary<string, EventStreamTable?>? Tables { get; init; }

    /// <summary>Filter expression per table, under the same key. Default: none.</summary>
    [JsonPropertyName("filter")]
    public IReadOnlyDictionary<string, string>? Filter { get; init; }

    /// <summary>Largest number of events per batch. Default: the consumer's.</summary>
    [JsonPropertyName("batchSize")]
    public long? BatchSize { get; init; }

    /// <summary>CPU of the consumer, in cores. Default: the consumer's.</summary>
    [JsonPropertyName("cpu")]
    public string? Cpu { get; init; }

    /// <summary>Memory of the consumer, as a quantity. Default: the consumer's.</summary>
    [JsonPropertyName("memory")]
    public string? Memory { get; init; }

    /// <summary>What happens to events that cannot be delivered: true keeps them in a dead letter queue, false drops nothing and stops. Default: true when a table has a <c>recoveryEventType</c>.</summary>
    [JsonPropertyName("enableRecovery")]
    public bool? EnableRecovery { get; init; }

    /// <summary>Fields that this version of the type does not know; kept as they came.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? UnknownFields { get; set; }
}
