namespace Zalando.Postgres.Sdk.Planning.Databases;

/// <summary>Gives a database another owner; what is inside keeps its owners.</summary>
public sealed record AlterDatabaseOwner : DatabaseChange
{
    /// <summary>The database.</summary>
    public required string Name { get; init; }

    /// <summary>The role that gets it.</summary>
    public required string Owner { get; init; }

    /// <inheritdoc />
    public override IReadOnlyList<SqlStatement> ToSql() => [new("ALTER DATABASE %I OWNER TO %I", new SqlArgument(Name), new SqlArgument(Owner))];
}
