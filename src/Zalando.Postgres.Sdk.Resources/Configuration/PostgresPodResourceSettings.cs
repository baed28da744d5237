namespace Zalando.Postgres.Sdk.Resources.Configuration;

/// <summary>CPU and memory of the PostgreSQL container, with defaults filled in.</summary>
public sealed record PostgresPodResourceSettings
{
    /// <summary>Default CPU request of the Postgres container, manifest and docker-image sidecars, Scalyr, and fallback for logical backup pods.</summary>
    /// <value>None.</value>
    public required string DefaultCpuRequest { get; init; }

    /// <summary>Default memory request of the Postgres container, manifest and docker-image sidecars, Scalyr, and fallback for logical backup pods.</summary>
    /// <value>None.</value>
    public required string DefaultMemoryRequest { get; init; }

    /// <summary>Default CPU limit of the Postgres container, manifest and docker-image sidecars, Scalyr, and fallback for logical backup pods.</summary>
    /// <value>None.</value>
    public required string DefaultCpuLimit { get; init; }

    /// <summary>Default memory limit of the Postgres container, manifest and docker-image sidecars, Scalyr, and fallback for logical backup pods.</summary>
    /// <value>None.</value>
    public required string DefaultMemoryLimit { get; init; }

    /// <summary>Minimum CPU limit of the Postgres container. A lower or missing limit is raised to it, with a warning and a <c>ResourceLimits</c> warning event.</summary>
    /// <value>None.</value>
    public required string MinCpuLimit { get; init; }

    /// <summary>Minimum memory limit of the Postgres container. A lower or missing limit is raised to it, with a warning and a <c>ResourceLimits</c> warning event.</summary>
    /// <value>None.</value>
    public required string MinMemoryLimit { get; init; }

    /// <summary>Maximum CPU request of the Postgres container; a larger request is silently lowered.</summary>
    /// <value>None.</value>
    public required string MaxCpuRequest { get; init; }

    /// <summary>Maximum memory request of the Postgres container; a larger request is silently lowered.</summary>
    /// <value>None.</value>
    public required string MaxMemoryRequest { get; init; }

    internal static PostgresPodResourceSettings Read(PostgresPodResourceParameters? parameters, SettingsReader reader)
    {
        reader = reader.Group(parameters is not null);
        return new()
        {
            DefaultCpuRequest = reader.Text("default_cpu_request", parameters?.DefaultCpuRequest),
            DefaultMemoryRequest = reader.Text("default_memory_request", parameters?.DefaultMemoryRequest),
            DefaultCpuLimit = reader.Text("default_cpu_limit", parameters?.DefaultCpuLimit),
            DefaultMemoryLimit = reader.Text("default_memory_limit", parameters?.DefaultMemoryLimit),
            MinCpuLimit = reader.Text("min_cpu_limit", parameters?.MinCpuLimit),
            MinMemoryLimit = reader.Text("min_memory_limit", parameters?.MinMemoryLimit),
            MaxCpuRequest = reader.Text("max_cpu_request", parameters?.MaxCpuRequest),
            MaxMemoryRequest = reader.Text("max_memory_request", parameters?.MaxMemoryRequest),
        };
    }
}
