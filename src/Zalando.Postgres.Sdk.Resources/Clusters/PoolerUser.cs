using System.Text.Json;
using System.Text.Json.Serialization;

namespace Zalando.Postgres.Sdk.Resources;

/// <summary>PgBouncer's limits for one role. An addition of this operator.</summary>
public sealed record PoolerUser
{
    /// <summary><c>session</c>, <c>transaction</c> or <c>statement</c>. Default: the pooler's mode.</summary>
    [JsonPropertyName("poolMode")]
    public string? PoolMode { get; init; }

    /// <summary>Server connections the role may use at most, 0 for no limit. Default: 0.</summary>
    [JsonPropertyName("maxUserConnections")]
    public int? MaxUserConnections { get; init; }

    /// <summary>Fields that this version of the type does not know; kept as they came.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? UnknownFields { get; set; }
}
