using System.Text;
using System.Text.RegularExpressions;

namespace Zalando.Postgres.Sdk.Planning.Roles;

/// <summary>What may be a name of a role, a database, a schema or an extension.</summary>
public static partial class RoleName
{
    /// <summary>Longest name that PostgreSQL keeps, in bytes of UTF-8; longer ones are cut by the server and could then collide.</summary>
    public const int MaximumBytes = 63;

    private static readonly string[] Reserved = ["public", "none", "current_user", "current_role", "session_user"];

    /// <summary>Whether a name is one that manifests and infrastructure roles may give to a role: lower-case letters, digits, <c>-</c>, <c>_</c>, parts divided by dots.</summary>
    /// <param name="name">The name.</param>
    public static bool IsUserName(string? name) => name is not null && UserName().IsMatch(name);

    /// <summary>Whether a name is one that databases and schemas of a manifest may have: letters, digits and <c>_</c>, no digit first.</summary>
    /// <param name="name">The name.</param>
    public static bool IsDatabaseName(string? name) => name is not null && DatabaseName().IsMatch(name);

    /// <summary>What keeps PostgreSQL from taking a name as a role, wherever it comes from; null when nothing does.</summary>
    /// <param name="name">The name.</param>
    public static string? WhyNotARole(string? name)
    {
        if (WhyNotAnIdentifier(name) is { } reason) return reason;
        if (name!.StartsWith("pg_", StringComparison.OrdinalIgnoreCase)) return "names that begin with pg_ belong to PostgreSQL";
        return Reserved.Contains(name, StringComparer.OrdinalIgnoreCase) ? "the name is a reserved word of PostgreSQL" : null;
    }

    /// <summary>What keeps PostgreSQL from taking a name as an identifier exactly as it is written; null when nothing does.</summary>
    /// <param name="name">The name.</param>
    public static string? WhyNotAnIdentifier(string? name)
    {
        if (string.IsNullOrEmpty(name)) return "the name is empty";
        // U+0000 cannot be sent at all; other control and format characters make two names look alike.
        foreach (var rune in name.EnumerateRunes())
        {
            if (rune == Rune.ReplacementChar) return "the name is not valid Unicode text";
            if (Rune.GetUnicodeCategory(rune) is System.Globalization.UnicodeCategory.Control or System.Globalization.UnicodeCategory.Format
                or System.Globalization.UnicodeCategory.LineSeparator or System.Globalization.UnicodeCategory.ParagraphSeparator)
                return $"the name holds the invisible character U+{rune.Value:X4}";
        }

        var bytes = Encoding.UTF8.GetByteCount(name);
        return bytes > MaximumBytes ? $"the name has {bytes} bytes, PostgreSQL keeps {MaximumBytes}" : null;
    }

    [GeneratedRegex("^[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*\\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex UserName();

    [GeneratedRegex("^[a-zA-Z_][a-zA-Z0-9_]*\\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex DatabaseName();
}
