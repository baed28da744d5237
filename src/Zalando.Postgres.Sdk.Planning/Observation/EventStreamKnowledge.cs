namespace Zalando.Postgres.Sdk.Planning;

/// <summary>What is known of the FabricEventStream objects of a cluster.</summary>
public enum EventStreamKnowledge
{
    /// <summary>All of them are known.</summary>
    Listed,

    /// <summary>They could not be listed yet: nothing that an object may still need is removed, and none is created.</summary>
    NotListed,

    /// <summary>The operator has no right to list them: as for <see cref="NotListed"/>, but nothing is gained by waiting when the cluster is deleted.</summary>
    Forbidden,

    /// <summary>The definition of their kind is not installed, so that there are none and none can be created.</summary>
    NoDefinition,
}
