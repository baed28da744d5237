using System.Text.RegularExpressions;

namespace Zalando.Postgres.Sdk.Planning.Roles;

/// <summary>Reads the flags of a role as manifests write them.</summary>
public static partial class RoleFlags
{
    private static readonly string[] Known = ["SUPERUSER", "LOGIN", "CREATEDB", "INHERIT", "REPLICATION", "BYPASSRLS", "CREATEROLE"];

    /// <summary>Reads flags in any order and case. A role without <c>login</c> and <c>nologin</c> can log in.</summary>
    /// <param name="flags">The words, for example <c>createdb</c>; null for none.</param>
    /// <param name="attributes">The attributes; the defaults when a word is wrong.</param>
    /// <param name="error">What is wrong; null when nothing is.</param>
    public static bool TryParse(IEnumerable<string?>? flags, out RoleAttributes attributes, out string? error)
    {
        attributes = RoleAttributes.LoginOnly;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var flag in flags ?? [])
        {
            if (flag is null || !Alphanumeric().IsMatch(flag))
            {
                error = $"user flag \"{flag}\" is not alphanumeric";
                return false;
            }

            var word = flag.ToUpperInvariant();
            if (!Known.Contains(Positive(word), StringComparer.Ordinal))
            {
                error = $"user flag \"{word}\" is not valid";
                return false;
            }

            if (seen.Contains(Inverse(word)))
            {
                error = $"conflicting user flags: \"{word}\" and \"{Inverse(word)}\"";
                return false;
            }

            seen.Add(word);
        }

        attributes = seen.Aggregate(RoleAttributes.LoginOnly, Apply);
        error = null;
        return true;
    }

    private static RoleAttributes Apply(RoleAttributes attributes, string word)
    {
        var on = word == Positive(word);
        return Positive(word) switch
        {
            "SUPERUSER" => attributes with { Superuser = on },
            "LOGIN" => attributes with { Login = on },
            "CREATEDB" => attributes with { CreateDatabase = on },
            "INHERIT" => attributes with { Inherit = on },
            "REPLICATION" => attributes with { Replication = on },
            "BYPASSRLS" => attributes with { BypassRowSecurity = on },
            _ => attributes with { CreateRole = on },
        };
    }

    private static string Positive(string word) => word.StartsWith("NO", StringComparison.Ordinal) ? word[2..] : word;

    private static string Inverse(string word) => word == Positive(word) ? "NO" + word : Positive(word);

    [GeneratedRegex("^[a-zA-Z][a-zA-Z0-9]*\\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Alphanumeric();
}
