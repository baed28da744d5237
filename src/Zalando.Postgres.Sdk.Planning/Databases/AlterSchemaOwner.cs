namespace Zalando.Postgres.Sdk.Planning.Databases;

/// <summary>Gives a schema another owner; what is inside keeps its owners.</summary>
public sealed record AlterSchemaOwner : DatabaseChange
{
    /// <summary>The schema.</summary>
    public required string Schema { get; init; }

    /// <summary>The role that gets it.</summary>
    public required string Owner { get; init; }

    /// <inheritdoc />
    public override IReadOnlyList<SqlStatement> ToSql() => [new("ALTER SCHEMA %I OWNER TO %I", new SqlArgument(Schema), new SqlArgument(Owner))];
}
