namespace Zalando.Postgres.Sdk.Planning.Databases;

/// <summary>Makes a database.</summary>
public sealed record CreateDatabase : DatabaseChange
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>The role that owns it.</summary>
    public required string Owner { get; init; }

    /// <inheritdoc />
    public override IReadOnlyList<SqlStatement> ToSql() =>
        [new("CREATE DATABASE %I OWNER %I", new SqlArgument(Name), new SqlArgument(Owner)) { RunsOutsideTransaction = true }];
}
