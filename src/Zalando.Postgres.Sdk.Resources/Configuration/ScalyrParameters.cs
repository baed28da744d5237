using System.Text.Json;
using System.Text.Json.Serialization;

namespace Zalando.Postgres.Sdk.Resources.Configuration;

/// <summary>The Scalyr log sidecar, as written; null means not written.</summary>
public sealed record ScalyrParameters
{
    /// <summary>API key; sidecar only runs when key and image are set. Env SCALYR_API_KEY of the operator overrides.</summary>
    /// <value>None.</value>
    [JsonPropertyName("scalyr_api_key")]
    public SensitiveText? ApiKey { get; init; }

    /// <summary>Image of the sidecar <c>scalyr-sidecar</c>. Image without key logs a warning.</summary>
    /// <value>None.</value>
    [JsonPropertyName("scalyr_image")]
    public string? Image { get; init; }

    /// <summary>Env <c>SCALYR_SERVER_URL</c> when not empty.</summary>
    /// <value><c>https://upload.eu.scalyr.com</c>; none when the group is absent.</value>
    [JsonPropertyName("scalyr_server_url")]
    public string? ServerUrl { get; init; }

    /// <summary>Resource of the Scalyr sidecar; empty falls back to the Postgres defaults.</summary>
    /// <value><c>100m</c>; none when the group is absent.</value>
    [JsonPropertyName("scalyr_cpu_request")]
    public string? CpuRequest { get; init; }

    /// <summary>Resource of the Scalyr sidecar; empty falls back to the Postgres defaults.</summary>
    /// <value><c>50Mi</c>; none when the group is absent.</value>
    [JsonPropertyName("scalyr_memory_request")]
    public string? MemoryRequest { get; init; }

    /// <summary>Resource of the Scalyr sidecar; empty falls back to the Postgres defaults.</summary>
    /// <value><c>1</c>; none when the group is absent.</value>
    [JsonPropertyName("scalyr_cpu_limit")]
    public string? CpuLimit { get; init; }

    /// <summary>Resource of the Scalyr sidecar; empty falls back to the Postgres defaults.</summary>
    /// <value><c>500Mi</c>; none when the group is absent.</value>
    [JsonPropertyName("scalyr_memory_limit")]
    public string? MemoryLimit { get; init; }

    /// <summary>Fields that this version of the type does not know; kept as they came.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? UnknownFields { get; set; }
}
