using System.Security.Cryptography;
using System.Text;

namespace Zalando.Postgres.Sdk.Planning.Roles;

/// <summary>A password, or a verifier made from one, that never shows itself in logs, plans or exceptions.</summary>
public sealed class RolePassword : IEquatable<RolePassword>
{
    private readonly string _value;

    /// <summary>Wraps a password.</summary>
    /// <param name="value">The password in clear text, an md5 hash or a SCRAM verifier.</param>
    public RolePassword(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        _value = value;
    }

    /// <summary>The secret itself. Every use can be found by the name of this method.</summary>
    public string Reveal() => _value;

    /// <summary>Whether both hold the same text, in time that does not depend on it.</summary>
    /// <param name="other">The other one.</param>
    public bool Equals(RolePassword? other) =>
        other is not null && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(_value), Encoding.UTF8.GetBytes(other._value));

    /// <inheritdoc />
    public override bool Equals(object? obj) => Equals(obj as RolePassword);

    /// <inheritdoc />
    public override int GetHashCode() => _value.GetHashCode(StringComparison.Ordinal);

    /// <summary>Does not show the secret.</summary>
    public override string ToString() => "***";
}
