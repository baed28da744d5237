using System.Text;

namespace Zalando.Postgres.Sdk.Planning.Roles;

/// <summary>Prepares passwords as PostgreSQL's clients and servers do before they compute SCRAM keys (RFC 4013).</summary>
/// <remarks>A password that the rules forbid is used as its bytes, as PostgreSQL does. The tables are our own, so that a program with invariant
/// globalization makes the same verifiers.</remarks>
public static class SaslPrep
{
    /// <summary>The bytes to derive keys from.</summary>
    /// <param name="password">The password.</param>
    public static byte[] ToBytes(string password)
    {
        ArgumentNullException.ThrowIfNull(password);
        return Encoding.UTF8.GetBytes(Ascii.IsValid(password) ? password : Prepare(password) ?? password);
    }

    private static string? Prepare(string password)
    {
        var tables = SaslPrepTables.Instance;
        // Half a surrogate pair is no character: no rule applies to such a text.
        for (var i = 0; i < password.Length; i++)
        {
            if (!char.IsSurrogate(password[i])) continue;
            if (!Rune.TryGetRuneAt(password, i, out _)) return null;
            i++;
        }

        // A character that is both a space and nothing is a space to PostgreSQL.
        var mapped = password.EnumerateRunes().Select(r => r.Value).Where(c => tables.Space.Contains(c) || !tables.Nothing.Contains(c)).Select(c => tables.Space.Contains(c) ? ' ' : c).ToList();
        // PostgreSQL looks at the characters before they are normalised, where the RFC says after; the verifier has to be what its clients compute.
        if (mapped.Count == 0 || mapped.Exists(c => tables.Prohibited.Contains(c) || tables.Unassigned.Contains(c)) || !IsOneDirection(tables, mapped)) return null;
        var prepared = CompatibilityComposition.Of(mapped);
        var text = new StringBuilder(prepared.Count);
        foreach (var c in prepared) text.Append(new Rune(c).ToString());
        return text.ToString();
    }

    // RFC 3454, section 6: with a right-to-left character there is no left-to-right one, and the first and the last are right-to-left.
    private static bool IsOneDirection(SaslPrepTables tables, List<int> text) =>
        !text.Exists(tables.RightToLeft.Contains)
        || (!text.Exists(tables.LeftToRight.Contains) && tables.RightToLeft.Contains(text[0]) && tables.RightToLeft.Contains(text[^1]));
}
