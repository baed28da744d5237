using System.Text.Json.Serialization;
using Zalando.Postgres.Sdk.Planning.Roles;

namespace Zalando.Postgres.Sdk.Planning.Databases;

/// <summary>Makes a role.</summary>
public sealed record CreateRole : DatabaseChange
{
    /// <summary>The role.</summary>
    public required string Role { get; init; }

    /// <summary>Its attributes.</summary>
    public required RoleAttributes Attributes { get; init; }

    /// <summary>Its password; null for none.</summary>
    [JsonIgnore]
    public RolePassword? Password { get; init; }

    /// <summary>Form in which the password is stored.</summary>
    public PasswordEncryption Encryption { get; init; }

    /// <inheritdoc />
    public override IReadOnlyList<SqlStatement> ToSql()
    {
        var words = string.Join(' ', Attributes.Words);
        return Password is null
            ? [new($"CREATE ROLE %I {words}", new SqlArgument(Role))]
            : [new($"CREATE ROLE %I {words} PASSWORD %L", new SqlArgument(Role), new SqlArgument(Password.Reveal(), IsSecret: true))];
    }
}
