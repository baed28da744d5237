using System.Text.Json;
using System.Text.Json.Serialization;

namespace Zalando.Postgres.Sdk.Resources.Configuration;

/// <summary>CPU and memory of the PostgreSQL container, as written; null means not written.</summary>
public sealed record PostgresPodResourceParameters
{
    /// <summary>Default CPU request of the Postgres container, manifest and docker-image sidecars, Scalyr, and fallback for logical backup pods.</summary>
    /// <value>None.</value>
    [JsonPropertyName("default_cpu_request")]
    public string? DefaultCpuRequest { get; init; }

    /// <summary>Default memory request of the Postgres container, manifest and docker-image sidecars, Scalyr, and fallback for logical backup pods.</summary>
    /// <value>None.</value>
    [JsonPropertyName("default_memory_request")]
    public string? DefaultMemoryRequest { get; init; }

    /// <summary>Default CPU limit of the Postgres container, manifest and docker-image sidecars, Scalyr, and fallback for logical backup pods.</summary>
    /// <value>None.</value>
    [JsonPropertyName("default_cpu_limit")]
    public string? DefaultCpuLimit { get; init; }

    /// <summary>Default memory limit of the Postgres container, manifest and docker-image sidecars, Scalyr, and fallback for logical backup pods.</summary>
    /// <value>None.</value>
    [JsonPropertyName("default_memory_limit")]
    public string? DefaultMemoryLimit { get; init; }

    /// <summary>Minimum CPU limit of the Postgres container. A lower or missing limit is raised to it, with a warning and a <c>ResourceLimits</c> warning event.</summary>
    /// <value>None.</value>
    [JsonPropertyName("min_cpu_limit")]
    public string? MinCpuLimit { get; init; }

    /// <summary>Minimum memory limit of the Postgres container. A lower or missing limit is raised to it, with a warning and a <c>ResourceLimits</c> warning event.</summary>
    /// <value>None.</value>
    [JsonPropertyName("min_memory_limit")]
    public string? MinMemoryLimit { get; init; }

    /// <summary>Maximum CPU request of the Postgres container; a larger request is silently lowered.</summary>
    /// <value>None.</value>
    [JsonPropertyName("max_cpu_request")]
    public string? MaxCpuRequest { get; init; }

    /// <summary>Maximum memory request of the Postgres container; a larger request is silently lowered.</summary>
    /// <value>None.</value>
    [JsonPropertyName("max_memory_request")]
    public string? MaxMemoryRequest { get; init; }

    /// <summary>Fields that this version of the type does not know; kept as they came.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? UnknownFields { get; set; }
}
