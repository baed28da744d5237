using System.Text.Json;
using System.Text.Json.Serialization;

namespace Zalando.Postgres.Sdk.Resources.Streams;

/// <summary>Change data capture for one application.</summary>
public sealed record FabricEventStreamSpec
{
    internal static readonly FabricEventStreamSpec Empty = new();

    /// <summary>Application that owns the events. Required.</summary>
    [JsonPropertyName("applicationId")]
    public string? ApplicationId { get; init; }

    /// <summary>One entry per source table. Required.</summary>
    [JsonPropertyName("eventStreams")]
    public IReadOnlyList<FabricEventStreamEntry>? EventStreams { get; init; }

    /// <summary>Fields that this version of the type does not know; kept as they came.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? UnknownFields { get; set; }
}
