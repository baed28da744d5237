using System.Text.Json;
using System.Text.Json.Serialization;

namespace Zalando.Postgres.Sdk.Resources;

/// <summary>A schema of a prepared database.</summary>
public sealed record PreparedSchema
{
    /// <summary>Makes owner, writer and reader roles of the schema. Default: true.</summary>
    [JsonPropertyName("defaultRoles")]
    public bool? DefaultRoles { get; init; }

    /// <summary>Makes login roles of the schema; only with <c>defaultRoles</c>. Default: false.</summary>
    [JsonPropertyName("defaultUsers")]
    public bool? DefaultUsers { get; init; }

    /// <summary>Fields that this version of the type does not know; kept as they came.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? UnknownFields { get; set; }
}
