using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Planning.Databases;
using Zalando.Postgres.Sdk.Planning.Roles;

namespace Zalando.Postgres.Sdk.Database;

/// <summary>Turns passwords into what the server stores before anything is sent, so that no password ever leaves this process.</summary>
internal sealed class PasswordVerifiers(Action<byte[]> fillWithRandomBytes)
{
    public DatabaseChange Replace(DatabaseChange change) => change switch
    {
        CreateRole { Password: { } password } create => create with { Password = Make(create.Role, password, create.Encryption) },
        SetRolePassword { Password: { } password } set => set with { Password = Make(set.Role, password, set.Encryption) },
        SetRolePassword => throw new ArgumentException("The change holds no password: it was read from a file. Plan again.", nameof(change)),
        _ => change,
    };

    private RolePassword Make(string role, RolePassword password, PasswordEncryption encryption)
    {
        var salt = new byte[ScramVerifier.SaltLength];
        fillWithRandomBytes(salt);
        return StoredPassword.Make(role, password, encryption, salt);
    }
}
