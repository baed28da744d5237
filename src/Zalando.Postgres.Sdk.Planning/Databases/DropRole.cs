namespace Zalando.Postgres.Sdk.Planning.Databases;

/// <summary>Removes a role that owns nothing and has no privileges.</summary>
public sealed record DropRole : DatabaseChange
{
    /// <summary>The role.</summary>
    public required string Role { get; init; }

    /// <inheritdoc />
    public override IReadOnlyList<SqlStatement> ToSql() => [new("DROP ROLE %I", new SqlArgument(Role))];
}
