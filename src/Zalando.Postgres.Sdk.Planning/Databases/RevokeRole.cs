namespace Zalando.Postgres.Sdk.Planning.Databases;

/// <summary>Takes a membership away.</summary>
public sealed record RevokeRole : DatabaseChange
{
    /// <summary>The role.</summary>
    public required string Role { get; init; }

    /// <summary>The member.</summary>
    public required string Member { get; init; }

    /// <inheritdoc />
    public override IReadOnlyList<SqlStatement> ToSql() => [new("REVOKE %I FROM %I", new SqlArgument(Role), new SqlArgument(Member))];
}
