using System.Text.Json.Serialization;
using Zalando.Postgres.Sdk.Planning.Roles;

namespace Zalando.Postgres.Sdk.Planning.Databases;

/// <summary>Changes attributes of a role.</summary>
public sealed record AlterRole : DatabaseChange
{
    /// <summary>The role.</summary>
    public required string Role { get; init; }

    /// <summary>The attributes it gets.</summary>
    public required RoleAttributes Attributes { get; init; }

    /// <summary>The attributes it has.</summary>
    public required RoleAttributes Present { get; init; }

    /// <inheritdoc />
    public override IReadOnlyList<SqlStatement> ToSql() => [new($"ALTER ROLE %I {string.Join(' ', Attributes.WordsMissingFrom(Present))}", new SqlArgument(Role))];
}
