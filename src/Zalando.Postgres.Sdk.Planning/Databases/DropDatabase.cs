namespace Zalando.Postgres.Sdk.Planning.Databases;

/// <summary>Removes a database with all that is in it. The server refuses while somebody is connected.</summary>
public sealed record DropDatabase : DatabaseChange
{
    /// <summary>The database.</summary>
    public required string Name { get; init; }

    /// <inheritdoc />
    public override IReadOnlyList<SqlStatement> ToSql() => [new("DROP DATABASE %I", new SqlArgument(Name)) { RunsOutsideTransaction = true }];
}
