namespace Zalando.Postgres.Sdk.Planning.Databases;

/// <summary>Grants privileges on what a role will create.</summary>
public sealed record GrantDefaultPrivileges : DatabaseChange
{
    /// <summary>The role that creates.</summary>
    public required string Creator { get; init; }

    /// <summary>The schema it creates in; null for every schema.</summary>
    public string? Schema { get; init; }

    /// <summary>Kind of objects.</summary>
    public required DefaultPrivilegeTarget Target { get; init; }

    /// <summary>The privileges.</summary>
    public required IReadOnlyList<Privilege> Privileges { get; init; }

    /// <summary>The role that gets them.</summary>
    public required string Grantee { get; init; }

    /// <inheritdoc />
    public override IReadOnlyList<SqlStatement> ToSql()
    {
        var what = $"GRANT {string.Join(", ", Privileges.Select(p => p.ToString().ToUpperInvariant()))} ON {Target.ToString().ToUpperInvariant()} TO %I";
        return Schema is null
            ? [new($"ALTER DEFAULT PRIVILEGES FOR ROLE %I {what}", new SqlArgument(Creator), new SqlArgument(Grantee))]
            : [new($"ALTER DEFAULT PRIVILEGES FOR ROLE %I IN SCHEMA %I {what}", new SqlArgument(Creator), new SqlArgument(Schema), new SqlArgument(Grantee))];
    }
}
