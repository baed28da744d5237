namespace Zalando.Postgres.Sdk.Planning;

/// <summary>Asks the storage provider to change a volume: size, type, operations a second, throughput. The target is the PersistentVolume. Pods keep running.</summary>
public sealed record ModifyVolume : PlannedChange
{
    /// <summary>The volume and what it shall be.</summary>
    public required ClusterVolume Volume { get; init; }
}
