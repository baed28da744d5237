using System.Text.Json;
using System.Text.Json.Serialization;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Resources;

/// <summary>A container that runs beside PostgreSQL and sees its data volume.</summary>
public sealed record Sidecar
{
    /// <summary>Container name. Default: <c>sidecar-</c> and its index.</summary>
    [JsonPropertyName("name")]
    public string? Name { get; init; }

    /// <summary>Image. The operator needs it although the schema does not.</summary>
    [JsonPropertyName("image")]
    public string? Image { get; init; }

    /// <summary>Ports of the container. Default: none.</summary>
    [JsonPropertyName("ports")]
    public IReadOnlyList<ContainerPort>? Ports { get; init; }

    /// <summary>Environment variables, after POD_NAME, POD_NAMESPACE, POSTGRES_USER and POSTGRES_PASSWORD, which cannot be replaced. Default: none.</summary>
    [JsonPropertyName("env")]
    public IReadOnlyList<EnvVar>? Env { get; init; }

    /// <summary>Command instead of the image's entry point. Default: the image's.</summary>
    [JsonPropertyName("command")]
    public IReadOnlyList<string>? Command { get; init; }

    /// <summary>CPU and memory. Default: those of the PostgreSQL container's operator parameters.</summary>
    [JsonPropertyName("resources")]
    public ResourcesSection? Resources { get; init; }

    /// <summary>Fields that this version of the type does not know; kept as they came.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? UnknownFields { get; set; }
}
