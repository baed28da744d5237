namespace Zalando.Postgres.Sdk.Planning;

/// <summary>A volume of a cluster that the storage provider may have to change: what it is and what it shall be.</summary>
public sealed record ClusterVolume
{
    /// <summary>Name of the PersistentVolume.</summary>
    public required string Name { get; init; }

    /// <summary>Its uid, by which a successor of the same name is told apart.</summary>
    public string? Uid { get; init; }

    /// <summary>Name of the claim that is bound to it.</summary>
    public required string Claim { get; init; }

    /// <summary>Name of the provisioner: the CSI driver, or the one that was part of Kubernetes.</summary>
    public required string Provisioner { get; init; }

    /// <summary>The provider's name of the volume.</summary>
    public required string VolumeId { get; init; }

    /// <summary>Zone of the volume; null when the PersistentVolume does not tell it.</summary>
    public string? Zone { get; init; }

    /// <summary>Region of the operator configuration (<c>aws_region</c>), for volumes whose zone is not told.</summary>
    public string? Region { get; init; }

    /// <summary>What it shall be.</summary>
    public required VolumeWish Wish { get; init; }
}
