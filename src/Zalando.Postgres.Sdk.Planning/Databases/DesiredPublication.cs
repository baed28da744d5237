namespace Zalando.Postgres.Sdk.Planning.Databases;

/// <summary>A publication that a database has to have, for event streams.</summary>
/// <param name="Name">Its name, which is also that of the replication slot.</param>
/// <param name="Tables">Its tables as <c>schema.table</c>, ordered.</param>
public sealed record DesiredPublication(string Name, IReadOnlyList<string> Tables)
{
    /// <summary>Where the manifest asks for it.</summary>
    /// <value>Default: <c>spec.streams</c>.</value>
    public string FieldPath { get; init; } = "spec.streams";
}
