namespace Zalando.Postgres.Sdk.Planning;

/// <summary>A typed change of a role, a database, a schema, an extension or a privilege: data, no SQL text.</summary>
/// <remarks>Derived types are registered here with <c>JsonDerivedType</c>, so that a plan can be written and read.</remarks>
public abstract record DatabaseChange
{
    /// <summary>Database the statement runs in; roles and databases themselves are changed from <c>postgres</c>.</summary>
    public required string Database { get; init; }
}
