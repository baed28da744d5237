namespace Zalando.Postgres.Sdk.Reconciliation.Deletion;

/// <summary>What happens to the objects of a cluster whose <c>postgresql</c> object was deleted while no operator ran, so that nothing proves that the
/// objects were meant to go, too.</summary>
public enum OrphanedClusters
{
    /// <summary>They stay. An Event on the StatefulSet and a line in the log name them. The default.</summary>
    Report,

    /// <summary>They are reported, and deleted under the rules of every other deletion when they are still there ten minutes later. Only an operator without a
    /// controller id does so, only when no annotation protects clusters from deletion, and only for a StatefulSet that an operator wrote.</summary>
    Delete,
}
