using System.Text.Json;
using System.Text.Json.Serialization;

namespace Zalando.Postgres.Sdk.Resources.Streams;

/// <summary>How a consumer connects to PostgreSQL.</summary>
public sealed record EventStreamConnection
{
    /// <summary>JDBC URL of the database, without password.</summary>
    [JsonPropertyName("jdbcUrl")]
    public string? JdbcUrl { get; init; }

    /// <summary>Replication slot.</summary>
    [JsonPropertyName("slotName")]
    public string? SlotName { get; init; }

    /// <summary>Output plugin, <c>pgoutput</c>.</summary>
    [JsonPropertyName("pluginType")]
    public string? PluginType { get; init; }

    /// <summary>Publication. Default: the slot's name.</summary>
    [JsonPropertyName("publicationName")]
    public string? PublicationName { get; init; }

    /// <summary>Where the password is.</summary>
    [JsonPropertyName("databaseAuthentication")]
    public EventStreamAuthentication? DatabaseAuthentication { get; init; }

    /// <summary>Fields that this version of the type does not know; kept as they came.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? UnknownFields { get; set; }
}
