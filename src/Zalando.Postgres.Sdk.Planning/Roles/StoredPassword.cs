using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Zalando.Postgres.Sdk.Resources;

namespace Zalando.Postgres.Sdk.Planning.Roles;

/// <summary>Compares passwords with what PostgreSQL stores of them, and makes what it stores.</summary>
public static partial class StoredPassword
{
    /// <summary>Whether a text is already what PostgreSQL stores: exactly an md5 hash or a SCRAM verifier, nothing that merely begins like one.</summary>
    /// <param name="text">The text.</param>
    public static bool IsVerifier(string text) => Md5Form().IsMatch(text) || ScramVerifier.TryParse(text) is not null;

    /// <summary>The form in which a cluster keeps passwords.</summary>
    /// <param name="manifest">The cluster.</param>
    public static PasswordEncryption EncryptionOf(Postgresql manifest)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        return string.Equals(manifest.Spec.Postgresql.Parameters?.GetValueOrDefault("password_encryption"), "md5", StringComparison.OrdinalIgnoreCase)
            ? PasswordEncryption.Md5
            : PasswordEncryption.ScramSha256;
    }

    /// <summary>Whether a stored value was made of a password, in the wanted form.</summary>
    /// <param name="stored">What PostgreSQL stores; null for nothing.</param>
    /// <param name="role">Name of the role.</param>
    /// <param name="password">The password, or a verifier, which then has to be the stored one.</param>
    /// <param name="encryption">The wanted form.</param>
    public static bool Matches(RolePassword? stored, string role, RolePassword password, PasswordEncryption encryption)
    {
        ArgumentNullException.ThrowIfNull(password);
        if (stored is null) return false;
        var text = password.Reveal();
        if (IsVerifier(text)) return stored.Equals(password);
        return encryption == PasswordEncryption.Md5
            ? stored.Equals(new(Md5(role, text)))
            : ScramVerifier.TryParse(stored.Reveal())?.Matches(text) == true;
    }

    /// <summary>What to store of a password. A verifier is kept as it is.</summary>
    /// <param name="role">Name of the role.</param>
    /// <param name="password">The password or a verifier.</param>
    /// <param name="encryption">The wanted form.</param>
    /// <param name="salt">Random bytes for SCRAM.</param>
    public static RolePassword Make(string role, RolePassword password, PasswordEncryption encryption, ReadOnlySpan<byte> salt)
    {
        ArgumentNullException.ThrowIfNull(password);
        var text = password.Reveal();
        if (IsVerifier(text)) return password;
        return new(encryption == PasswordEncryption.Md5 ? Md5(role, text) : ScramVerifier.Create(text, salt).Reveal());
    }

    // The form is PostgreSQL's, for clusters whose clients know no other.
#pragma warning disable CA5351
    private static string Md5(string role, string password) => "md5" + Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes(password + role)));
#pragma warning restore CA5351

    [GeneratedRegex("^md5[0-9a-f]{32}\\z", RegexOptions.CultureInvariant)]
    private static partial Regex Md5Form();
}
