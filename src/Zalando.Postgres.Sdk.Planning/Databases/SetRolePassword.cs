using System.Text.Json.Serialization;
using Zalando.Postgres.Sdk.Planning.Roles;

namespace Zalando.Postgres.Sdk.Planning.Databases;

/// <summary>Sets the password of a role. What reaches the server is a verifier made by the client.</summary>
public sealed record SetRolePassword : DatabaseChange
{
    /// <summary>The role.</summary>
    public required string Role { get; init; }

    /// <summary>The password or a verifier.</summary>
    [JsonIgnore]
    public RolePassword? Password { get; init; }

    /// <summary>Form in which it is stored.</summary>
    public PasswordEncryption Encryption { get; init; }

    /// <inheritdoc />
    public override IReadOnlyList<SqlStatement> ToSql() => [new("ALTER ROLE %I PASSWORD %L", new SqlArgument(Role), new SqlArgument(Password?.Reveal() ?? "", IsSecret: true))];
}
