using System.Security.Cryptography;
using System.Text;

namespace Zalando.Postgres.Sdk.Planning;

/// <summary>Randomness for generated passwords that arrives as data, so that planning stays a function: the same seed gives the same passwords.</summary>
/// <remarks>Make a new one for every pass from a cryptographic generator, and forget it afterwards. A password that was once written to a Secret
/// is read from there and never generated again.</remarks>
public sealed class PasswordSeed
{
    /// <summary>Length of generated passwords in characters, as the reference makes them.</summary>
    public const int PasswordLength = 64;

    private const string Alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

    private readonly byte[] _key;

    private PasswordSeed(byte[] key) => _key = key;

    /// <summary>Makes a seed.</summary>
    /// <param name="randomBytes">At least 16 bytes from a cryptographic generator.</param>
    /// <exception cref="ArgumentException">There are too few bytes.</exception>
    public static PasswordSeed FromBytes(ReadOnlySpan<byte> randomBytes)
    {
        if (randomBytes.Length < 16) throw new ArgumentException("A password seed needs at least 16 random bytes.", nameof(randomBytes));
        return new(randomBytes.ToArray());
    }

    /// <summary>The password for one purpose: letters and digits.</summary>
    /// <param name="purpose">What it is for, for example namespace and name of the secret and the user.</param>
    internal string Derive(string purpose)
    {
        var result = new char[PasswordLength];
        var produced = 0;
        // Bytes that would favour some letters are left out (256 is no multiple of 62).
        const int limit = 256 / 62 * 62;
        for (var block = 0; produced < result.Length; block++)
        {
            foreach (var value in HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes($"{block}/{purpose}")))
            {
                if (value >= limit || produced == result.Length) continue;
                result[produced++] = Alphabet[value % Alphabet.Length];
            }
        }

        return new string(result);
    }

    /// <summary>Does not show the seed.</summary>
    public override string ToString() => "***";
}
