namespace Zalando.Postgres.Sdk.Planning;

/// <summary>What a pending change waits for.</summary>
public enum WaitReason
{
    /// <summary>A pod that is not ready.</summary>
    PodReady,

    /// <summary>Another pod of the same roll, or the switchover, comes first.</summary>
    EarlierChange,

    /// <summary>A replica that is close enough to the primary.</summary>
    ReplicaLag,

    /// <summary>A member whose Patroni does not answer or is in no good state.</summary>
    PatroniState,

    /// <summary>The maintenance window.</summary>
    MaintenanceWindow,

    /// <summary>The next restart of the pod, whoever causes it.</summary>
    NextRestart,

    /// <summary>A pod made from the new template did not become ready: the roll stops until the template or the pod is repaired.</summary>
    FailedCanary,

    /// <summary>A replication slot, which needs its tables.</summary>
    ReplicationSlot,

    /// <summary>The definition of a kind that is not installed in the Kubernetes cluster.</summary>
    Definition,

    /// <summary>Something that was not observed, such as the databases.</summary>
    NotObserved,

    /// <summary>The owner: a policy or an approval.</summary>
    Approval,

    /// <summary>The end of the pause that the owner asked for.</summary>
    Paused,

    /// <summary>A time that the owner has given.</summary>
    Time,

    /// <summary>Something that an in-place major version upgrade needs and that is not so now.</summary>
    UpgradePrecondition,

    /// <summary>The node of a pod, which has not given it other amounts of cpu and memory yet.</summary>
    PodResize,

    /// <summary>The storage provider: it changes the volume, or takes no change before a time.</summary>
    VolumeProvider,

    /// <summary>The storage provider refuses what is asked for, or gives no answer.</summary>
    VolumeFailed,
}
