using System.Text.Json;
using System.Text.Json.Serialization;

namespace Zalando.Postgres.Sdk.Resources.Configuration;

/// <summary>Defaults of Patroni, as written; null means not written.</summary>
public sealed record PatroniParameters
{
    /// <summary>Patroni failsafe_mode for clusters without <c>patroni.failsafe_mode</c>; set in bootstrap config and patched through the Patroni API when different.</summary>
    /// <value><c>false</c>.</value>
    [JsonPropertyName("enable_patroni_failsafe_mode")]
    public bool? EnablePatroniFailsafeMode { get; init; }

    /// <summary>Fields that this version of the type does not know; kept as they came.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? UnknownFields { get; set; }
}
