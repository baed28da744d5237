namespace Zalando.Postgres.Sdk.Reconciliation.Deletion;

/// <summary>What became of the manifest of a cluster.</summary>
internal enum Departure
{
    /// <summary>It is there.</summary>
    None,

    /// <summary>It was deleted.</summary>
    Gone,

    /// <summary>It vanished with the definition of its kind. That is no wish to delete the cluster.</summary>
    WithDefinition,
}
