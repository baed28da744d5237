using System.Text.Json;
using System.Text.Json.Serialization;

namespace Zalando.Postgres.Sdk.Resources.Streams;

/// <summary>Where rows come from.</summary>
public sealed record EventStreamSource
{
    /// <summary>Kind of the source, <c>PostgresLogicalReplication</c>.</summary>
    [JsonPropertyName("type")]
    public string? Type { get; init; }

    /// <summary>Schema of the table. Default: <c>public</c>.</summary>
    [JsonPropertyName("schema")]
    public string? Schema { get; init; }

    /// <summary>The table.</summary>
    [JsonPropertyName("table")]
    public EventStreamSourceTable? Table { get; init; }

    /// <summary>Filter expression. Default: all rows.</summary>
    [JsonPropertyName("filter")]
    public string? Filter { get; init; }

    /// <summary>How to connect.</summary>
    [JsonPropertyName("jdbcConnection")]
    public EventStreamConnection? JdbcConnection { get; init; }

    /// <summary>Fields that this version of the type does not know; kept as they came.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? UnknownFields { get; set; }
}
