using System.Text.Json;
using System.Text.Json.Serialization;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Resources;

/// <summary>The volume that holds the data directory; one claim per pod.</summary>
public sealed record VolumeSection
{
    internal static readonly VolumeSection Empty = new();

    /// <summary>Size as a quantity, for example <c>10Gi</c>. It can grow, never shrink. Required.</summary>
    [JsonPropertyName("size")]
    public string? Size { get; init; }

    /// <summary>Storage class of the claims. Default: the cluster's default class.</summary>
    [JsonPropertyName("storageClass")]
    public string? StorageClass { get; init; }

    /// <summary>Labels of the persistent volumes that may be bound. Default: any.</summary>
    [JsonPropertyName("selector")]
    public LabelSelector? Selector { get; init; }

    /// <summary>Directory inside the volume that is mounted. Default: its root.</summary>
    [JsonPropertyName("subPath")]
    public string? SubPath { get; init; }

    /// <summary>Whether <c>subPath</c> may use the pod's environment variables, as <c>$(NAME)</c>. Default: false.</summary>
    [JsonPropertyName("isSubPathExpr")]
    public bool? IsSubPathExpr { get; init; }

    /// <summary>Provisioned operations per second of an EBS volume, 3000 to 80000; used with <c>storage_resize_mode: mixed</c>. Default: the volume's own.</summary>
    [JsonPropertyName("iops")]
    public int? Iops { get; init; }

    /// <summary>Provisioned throughput of an EBS volume in MiB per second, 125 to 2000; used with <c>storage_resize_mode: mixed</c>. Default: the volume's own.</summary>
    [JsonPropertyName("throughput")]
    public int? Throughput { get; init; }

    /// <summary>Type of an EBS volume, for example <c>gp3</c>; used with <c>storage_resize_mode: mixed</c>. Default: the volume's own.</summary>
    [JsonPropertyName("type")]
    public string? Type { get; init; }

    /// <summary>Fields that this version of the type does not know; kept as they came.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? UnknownFields { get; set; }
}
