namespace Zalando.Postgres.Sdk.Planning;

/// <summary>What is known of the FabricEventStream objects of a cluster.</summary>
public enum EventStreamKnowledge
{
    /// <summary>All of them are known.</summary>
    Listed,

    /// <summary>They could not be listed yet: nothing that an object may still need is removed, and none is created.</summary>
    NotListed,

    /// <summary>The definition of their kind is not installed, so that there are none and none can be created.</summary>
    NoDefinition,
}
