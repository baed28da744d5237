using System.Text.Json;
using System.Text.Json.Serialization;

namespace Zalando.Postgres.Sdk.Resources;

/// <summary>One more volume of the PostgreSQL pods.</summary>
public sealed record AdditionalVolume
{
    /// <summary>Volume name, unique in the pod. Required.</summary>
    [JsonPropertyName("name")]
    public string? Name { get; init; }

    /// <summary>Where it is mounted; not <c>/home/postgres/pgdata</c>, and each path once. Required.</summary>
    [JsonPropertyName("mountPath")]
    public string? MountPath { get; init; }

    /// <summary>Directory inside the volume that is mounted. Default: its root.</summary>
    [JsonPropertyName("subPath")]
    public string? SubPath { get; init; }

    /// <summary>Whether <c>subPath</c> may use the pod's environment variables, as <c>$(NAME)</c>. Default: false.</summary>
    [JsonPropertyName("isSubPathExpr")]
    public bool? IsSubPathExpr { get; init; }

    /// <summary>Containers that get the mount, by name, or the single word <c>all</c>. Default: <c>postgres</c>.</summary>
    [JsonPropertyName("targetContainers")]
    public IReadOnlyList<string>? TargetContainers { get; init; }

    /// <summary>Init containers that get the mount, by name, or the single word <c>all</c>. An addition of this operator; others ignore it. Default: none.</summary>
    [JsonPropertyName("targetInitContainers")]
    public IReadOnlyList<string>? TargetInitContainers { get; init; }

    /// <summary>What is mounted: any Kubernetes volume source, for example <c>emptyDir: {}</c>. Required.</summary>
    [JsonPropertyName("volumeSource")]
    public JsonElement? VolumeSource { get; init; }

    /// <summary>Fields that this version of the type does not know; kept as they came.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? UnknownFields { get; set; }
}
