namespace Zalando.Postgres.Sdk.Planning.Databases;

/// <summary>Makes a role a member of another one.</summary>
public sealed record GrantRole : DatabaseChange
{
    /// <summary>The role.</summary>
    public required string Role { get; init; }

    /// <summary>The member.</summary>
    public required string Member { get; init; }

    /// <summary>Whether the member may grant the role to others.</summary>
    public bool WithAdmin { get; init; }

    /// <inheritdoc />
    public override IReadOnlyList<SqlStatement> ToSql() => [new(WithAdmin ? "GRANT %I TO %I WITH ADMIN OPTION" : "GRANT %I TO %I", new SqlArgument(Role), new SqlArgument(Member))];
}
