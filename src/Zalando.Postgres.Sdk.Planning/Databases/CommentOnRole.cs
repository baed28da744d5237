namespace Zalando.Postgres.Sdk.Planning.Databases;

/// <summary>Marks a role with a comment.</summary>
public sealed record CommentOnRole : DatabaseChange
{
    /// <summary>The role.</summary>
    public required string Role { get; init; }

    /// <summary>The comment.</summary>
    public required string Comment { get; init; }

    /// <inheritdoc />
    public override IReadOnlyList<SqlStatement> ToSql() => [new("COMMENT ON ROLE %I IS %L", new SqlArgument(Role), new SqlArgument(Comment))];
}
