namespace Zalando.Postgres.Sdk.Resources.Configuration;

/// <summary>The Scalyr log sidecar, with defaults filled in.</summary>
public sealed record ScalyrSettings
{
    /// <summary>API key; sidecar only runs when key and image are set. Env SCALYR_API_KEY of the operator overrides.</summary>
    /// <value>None.</value>
    public required SensitiveText ApiKey { get; init; }

    /// <summary>Image of the sidecar <c>scalyr-sidecar</c>. Image without key logs a warning.</summary>
    /// <value>None.</value>
    public required string Image { get; init; }

    /// <summary>Env <c>SCALYR_SERVER_URL</c> when not empty.</summary>
    /// <value><c>https://upload.eu.scalyr.com</c>; none when the group is absent.</value>
    public required string ServerUrl { get; init; }

    /// <summary>Resource of the Scalyr sidecar; empty falls back to the Postgres defaults.</summary>
    /// <value><c>100m</c>; none when the group is absent.</value>
    public required string CpuRequest { get; init; }

    /// <summary>Resource of the Scalyr sidecar; empty falls back to the Postgres defaults.</summary>
    /// <value><c>50Mi</c>; none when the group is absent.</value>
    public required string MemoryRequest { get; init; }

    /// <summary>Resource of the Scalyr sidecar; empty falls back to the Postgres defaults.</summary>
    /// <value><c>1</c>; none when the group is absent.</value>
    public required string CpuLimit { get; init; }

    /// <summary>Resource of the Scalyr sidecar; empty falls back to the Postgres defaults.</summary>
    /// <value><c>500Mi</c>; none when the group is absent.</value>
    public required string MemoryLimit { get; init; }

    internal static ScalyrSettings Read(ScalyrParameters? parameters, SettingsReader reader)
    {
        reader = reader.Group(parameters is not null);
        return new()
        {
            ApiKey = reader.Secret("scalyr_api_key", parameters?.ApiKey),
            Image = reader.Text("scalyr_image", parameters?.Image),
            ServerUrl = reader.Text("scalyr_server_url", parameters?.ServerUrl),
            CpuRequest = reader.Text("scalyr_cpu_request", parameters?.CpuRequest),
            MemoryRequest = reader.Text("scalyr_memory_request", parameters?.MemoryRequest),
            CpuLimit = reader.Text("scalyr_cpu_limit", parameters?.CpuLimit),
            MemoryLimit = reader.Text("scalyr_memory_limit", parameters?.MemoryLimit),
        };
    }
}
