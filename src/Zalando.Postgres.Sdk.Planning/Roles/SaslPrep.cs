using System.Text;

namespace Zalando.Postgres.Sdk.Planning.Roles;

/// <summary>Prepares passwords as clients and servers do before they compute SCRAM keys (RFC 4013).</summary>
/// <remarks>As in PostgreSQL, a password that the rules forbid is used as its bytes. Non-ASCII text is brought to compatibility composition by
/// the runtime; a program built with invariant globalization leaves it as it is, and then such passwords have to be written composed.</remarks>
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
        var mapped = new StringBuilder(password.Length);
        foreach (var rune in password.EnumerateRunes())
        {
            if (rune == Rune.ReplacementChar) return null;
            if (IsMappedToNothing(rune.Value)) continue;
            mapped.Append(IsOtherSpace(rune.Value) ? " " : rune.ToString());
        }

        var normalized = mapped.ToString().Normalize(NormalizationForm.FormKC);
        return normalized.Length == 0 || normalized.EnumerateRunes().Any(IsProhibited) ? null : normalized;
    }

    private static bool IsMappedToNothing(int c) =>
        c is 0xAD or 0x34F or 0x1806 or (>= 0x180B and <= 0x180D) or (>= 0x200B and <= 0x200D) or 0x2060 or (>= 0xFE00 and <= 0xFE0F) or 0xFEFF;

    private static bool IsOtherSpace(int c) => c is 0xA0 or 0x1680 or (>= 0x2000 and <= 0x200A) or 0x202F or 0x205F or 0x3000;

    private static bool IsProhibited(Rune rune)
    {
        var c = rune.Value;
        return c is < 0x20 or (>= 0x7F and <= 0x9F) or 0x6DD or 0x70F or 0x180E or 0x340 or 0x341 or 0x200E or 0x200F or (>= 0x2028 and <= 0x202E)
            or (>= 0x2061 and <= 0x2063) or (>= 0x206A and <= 0x206F) or (>= 0x2FF0 and <= 0x2FFB) or (>= 0xE000 and <= 0xF8FF) or (>= 0xFFF9 and <= 0xFFFD)
            or (>= 0xFDD0 and <= 0xFDEF) or (>= 0x1D173 and <= 0x1D17A) or (>= 0xE0000 and <= 0xE007F) or >= 0xF0000 || (c & 0xFFFE) == 0xFFFE;
    }
}
