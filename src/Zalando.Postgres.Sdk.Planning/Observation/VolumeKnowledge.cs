namespace Zalando.Postgres.Sdk.Planning;

/// <summary>What is known of PersistentVolumes.</summary>
public enum VolumeKnowledge
{
    /// <summary>Nobody looked: nothing is planned for volumes themselves, only for their claims.</summary>
    NotObserved,

    /// <summary>The operator may not list them, so it cannot change volumes.</summary>
    NotReadable,

    /// <summary>They are part of <see cref="ObservedCluster.Objects"/>.</summary>
    Listed,
}
