namespace Zalando.Postgres.Sdk.Planning.Databases;

/// <summary>Marks a database with a comment.</summary>
public sealed record CommentOnDatabase : DatabaseChange
{
    /// <summary>The database.</summary>
    public required string Name { get; init; }

    /// <summary>The comment.</summary>
    public required string Comment { get; init; }

    /// <inheritdoc />
    public override IReadOnlyList<SqlStatement> ToSql() => [new("COMMENT ON DATABASE %I IS %L", new SqlArgument(Name), new SqlArgument(Comment))];
}
