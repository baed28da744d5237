using System.Text.Json;
using System.Text.Json.Serialization;

namespace Zalando.Postgres.Sdk.Resources.Configuration;

/// <summary>Diagnosis, as written; null means not written.</summary>
public sealed record DebugParameters
{
    /// <summary>true sets log level debug; false keeps info.</summary>
    /// <value><c>true</c>.</value>
    [JsonPropertyName("debug_logging")]
    public bool? DebugLogging { get; init; }

    /// <summary>false skips every SQL action (roles, databases, prepared databases). Flag -nodatabaseaccess forces false. Pooler lookup installation and stream sync do not check it.</summary>
    /// <value><c>true</c>.</value>
    [JsonPropertyName("enable_database_access")]
    public bool? EnableDatabaseAccess { get; init; }

    /// <summary>Fields that this version of the type does not know; kept as they came.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? UnknownFields { get; set; }
}
