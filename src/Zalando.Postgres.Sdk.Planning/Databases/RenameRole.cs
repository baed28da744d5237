namespace Zalando.Postgres.Sdk.Planning.Databases;

/// <summary>Renames a role.</summary>
public sealed record RenameRole : DatabaseChange
{
    /// <summary>The role.</summary>
    public required string Role { get; init; }

    /// <summary>Its new name.</summary>
    public required string NewName { get; init; }

    /// <inheritdoc />
    public override IReadOnlyList<SqlStatement> ToSql() => [new("ALTER ROLE %I RENAME TO %I", new SqlArgument(Role), new SqlArgument(NewName))];
}
