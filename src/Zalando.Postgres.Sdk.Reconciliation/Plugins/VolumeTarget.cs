namespace Zalando.Postgres.Sdk.Reconciliation.Plugins;

/// <summary>A volume of a storage provider and what it shall be. What is null stays as it is.</summary>
public sealed record VolumeTarget
{
    /// <summary>The provider's name of the volume, as the PersistentVolume writes it (<c>spec.csi.volumeHandle</c> or the in-tree volume's identifier).</summary>
    public required string VolumeId { get; init; }

    /// <summary>Name of the PersistentVolume. A provider that keeps it beside the volume refuses to change a volume of another name. <value>Null: not compared.</value></summary>
    public string? PersistentVolumeName { get; init; }

    /// <summary>Zone of the volume (label <c>topology.kubernetes.io/zone</c> or the volume's node affinity). <value>Null: the provider's settings say where it is.</value></summary>
    public string? Zone { get; init; }

    /// <summary>Region of the operator configuration (<c>aws_region</c>), for a volume whose zone is not told. <value>Null: the provider's settings say where it is.</value></summary>
    public string? Region { get; init; }

    /// <summary>Least size in bytes; a volume that is larger stays as it is. <value>Null: any.</value></summary>
    public long? Bytes { get; init; }

    /// <summary>The provider's name of the volume type, for example <c>gp3</c>. <value>Null: any.</value></summary>
    public string? Type { get; init; }

    /// <summary>Operations a second. <value>Null: any.</value></summary>
    public int? Iops { get; init; }

    /// <summary>Throughput in MiB a second. <value>Null: any.</value></summary>
    public int? Throughput { get; init; }
}
