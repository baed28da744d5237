namespace Zalando.Postgres.Sdk.Planning;

/// <summary>Lets the file system in a pod take the whole of its volume, which has grown, and then writes the new size to the PersistentVolume. The target is the pod.</summary>
/// <remarks>The size of the PersistentVolume says that it is done: until then the same change is planned again, and making it twice does no harm.</remarks>
public sealed record GrowFileSystem : PlannedChange
{
    /// <summary>Name of the PersistentVolume.</summary>
    public required string PersistentVolume { get; init; }

    /// <summary>Uid of the PersistentVolume.</summary>
    public string? PersistentVolumeUid { get; init; }

    /// <summary>What the block device has at least, in bytes, before the file system may grow.</summary>
    public required long Bytes { get; init; }

    /// <summary>The size that is written to the PersistentVolume afterwards, as a quantity.</summary>
    public required string Capacity { get; init; }
}
