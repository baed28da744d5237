using System.Text.Json;
using System.Text.Json.Serialization;

namespace Zalando.Postgres.Sdk.Resources.Configuration;

/// <summary>The operator's own HTTP API, as written; null means not written.</summary>
public sealed record LoggingRestApiParameters
{
    /// <summary>Port of the operator HTTP API (all interfaces).</summary>
    /// <value><c>8080</c>.</value>
    [JsonPropertyName("api_port")]
    public int? ApiPort { get; init; }

    /// <summary>Log lines kept per cluster and per worker.</summary>
    /// <value><c>100</c>.</value>
    [JsonPropertyName("ring_log_lines")]
    public int? RingLogLines { get; init; }

    /// <summary>Spec diffs kept per cluster.</summary>
    /// <value><c>1000</c>.</value>
    [JsonPropertyName("cluster_history_entries")]
    public int? ClusterHistoryEntries { get; init; }

    /// <summary>Fields that this version of the type does not know; kept as they came.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? UnknownFields { get; set; }
}
