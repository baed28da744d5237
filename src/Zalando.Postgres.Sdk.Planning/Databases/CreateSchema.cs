namespace Zalando.Postgres.Sdk.Planning.Databases;

/// <summary>Makes a schema.</summary>
public sealed record CreateSchema : DatabaseChange
{
    /// <summary>The schema.</summary>
    public required string Schema { get; init; }

    /// <summary>The role that owns it.</summary>
    public required string Owner { get; init; }

    /// <inheritdoc />
    public override IReadOnlyList<SqlStatement> ToSql() => [new("CREATE SCHEMA %I AUTHORIZATION %I", new SqlArgument(Schema), new SqlArgument(Owner))];
}
