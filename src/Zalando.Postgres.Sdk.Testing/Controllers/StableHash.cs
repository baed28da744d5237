using System.Text;

namespace Zalando.Postgres.Sdk.Testing.Controllers;

/// <summary>Hashes as they stand in the names of revisions and replica sets: the same content gives the same letters on every machine.</summary>
internal static class StableHash
{
    private const string Letters = "bcdfghjklmnpqrstvwxz2456789";

    public static string Of(string text, int length = 10)
    {
        // FNV-1a over 64 bits, spread over the letters that generated names use.
        var hash = 14695981039346656037UL;
        foreach (var b in Encoding.UTF8.GetBytes(text))
        {
            hash ^= b;
            hash *= 1099511628211UL;
        }

        var result = new char[length];
        for (var i = 0; i < length; i++)
        {
            result[i] = Letters[(int)(hash % (ulong)Letters.Length)];
            hash /= (ulong)Letters.Length;
        }

        return new string(result);
    }
}
