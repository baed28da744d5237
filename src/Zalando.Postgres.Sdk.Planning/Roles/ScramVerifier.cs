using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Zalando.Postgres.Sdk.Planning.Roles;

/// <summary>What PostgreSQL stores of a SCRAM password: <c>SCRAM-SHA-256$iterations:salt$StoredKey:ServerKey</c> (RFC 5802, RFC 7677).</summary>
public sealed partial class ScramVerifier
{
    /// <summary>Iterations of new verifiers, as PostgreSQL's default <c>scram_iterations</c>.</summary>
    public const int DefaultIterations = 4096;

    /// <summary>Bytes of salt of new verifiers, as in PostgreSQL.</summary>
    public const int SaltLength = 16;

    // Whoever may set his own password may store a verifier with any number of iterations, which we then would have to compute.
    private const int MostIterations = 1_000_000;
    private const int KeyLength = 32;

    private readonly byte[] _salt;
    private readonly byte[] _storedKey;
    private readonly byte[] _serverKey;

    private ScramVerifier(int iterations, byte[] salt, byte[] storedKey, byte[] serverKey)
    {
        Iterations = iterations;
        _salt = salt;
        _storedKey = storedKey;
        _serverKey = serverKey;
    }

    /// <summary>Iterations of the key derivation.</summary>
    public int Iterations { get; }

    /// <summary>Makes a verifier of a password.</summary>
    /// <param name="password">The password in clear text.</param>
    /// <param name="salt">Random bytes, 16 for PostgreSQL.</param>
    /// <param name="iterations">Iterations, at least 1.</param>
    public static ScramVerifier Create(string password, ReadOnlySpan<byte> salt, int iterations = DefaultIterations)
    {
        ArgumentNullException.ThrowIfNull(password);
        ArgumentOutOfRangeException.ThrowIfLessThan(iterations, 1);
        if (salt.IsEmpty) throw new ArgumentException("A verifier needs a salt.", nameof(salt));
        var salted = Rfc2898DeriveBytes.Pbkdf2(SaslPrep.ToBytes(password), salt, iterations, HashAlgorithmName.SHA256, KeyLength);
        var stored = SHA256.HashData(HMACSHA256.HashData(salted, "Client Key"u8));
        return new(iterations, salt.ToArray(), stored, HMACSHA256.HashData(salted, "Server Key"u8));
    }

    /// <summary>Reads a stored verifier; strict, so that nothing but a verifier passes.</summary>
    /// <param name="text">The text.</param>
    /// <returns>The verifier; null when the text is none.</returns>
    public static ScramVerifier? TryParse(string? text)
    {
        if (text is null || Form().Match(text) is not { Success: true } match) return null;
        if (!int.TryParse(match.Groups["iterations"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var iterations) || iterations < 1) return null;
        return Bytes(match.Groups["salt"].Value) is { Length: > 0 } salt && Bytes(match.Groups["stored"].Value) is { Length: KeyLength } stored
            && Bytes(match.Groups["server"].Value) is { Length: KeyLength } server
            ? new(iterations, salt, stored, server)
            : null;
    }

    /// <summary>Whether it was made of a password. One with an absurd number of iterations never matches.</summary>
    /// <param name="password">The password in clear text.</param>
    public bool Matches(string password)
    {
        if (Iterations > MostIterations) return false;
        var other = Create(password, _salt, Iterations);
        return CryptographicOperations.FixedTimeEquals(_storedKey, other._storedKey) & CryptographicOperations.FixedTimeEquals(_serverKey, other._serverKey);
    }

    /// <summary>The text that PostgreSQL stores and accepts after <c>PASSWORD</c>. Treat it as a secret.</summary>
    public string Reveal() =>
        $"SCRAM-SHA-256${Iterations.ToString(CultureInfo.InvariantCulture)}:{Convert.ToBase64String(_salt)}${Convert.ToBase64String(_storedKey)}:{Convert.ToBase64String(_serverKey)}";

    /// <summary>Does not show the keys.</summary>
    public override string ToString() => "SCRAM-SHA-256$***";

    private static byte[]? Bytes(string base64)
    {
        var buffer = new byte[base64.Length];
        return Convert.TryFromBase64String(base64, buffer, out var length) ? buffer[..length] : null;
    }

    [GeneratedRegex(
        @"^SCRAM-SHA-256\$(?<iterations>[0-9]{1,9}):(?<salt>[A-Za-z0-9+/]+={0,2})\$(?<stored>[A-Za-z0-9+/]{43}=):(?<server>[A-Za-z0-9+/]{43}=)\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Form();
}
