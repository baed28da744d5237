using System.Text.Json;
using System.Text.Json.Serialization;

namespace Zalando.Postgres.Sdk.Resources.Streams;

/// <summary>A source table.</summary>
public sealed record EventStreamSourceTable
{
    /// <summary>Table name without schema.</summary>
    [JsonPropertyName("name")]
    public string? Name { get; init; }

    /// <summary>Column that orders the events. Default: the consumer's.</summary>
    [JsonPropertyName("idColumn")]
    public string? IdColumn { get; init; }

    /// <summary>Fields that this version of the type does not know; kept as they came.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? UnknownFields { get; set; }
}
