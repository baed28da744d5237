using System.Text;
using System.Text.RegularExpressions;

namespace Zalando.Postgres.Sdk.Planning.Roles;

/// <summary>Values of settings (<c>ALTER ROLE ... SET</c>): as people write them, as PostgreSQL stores them, and when the two are the same.</summary>
public static partial class SettingValue
{
    // The settings of PostgreSQL whose value is a list of identifiers, each quoted by itself.
    private static readonly string[] Lists =
        ["search_path", "local_preload_libraries", "session_preload_libraries", "shared_preload_libraries", "temp_tablespaces", "unix_socket_directories"];

    /// <summary>Whether a name can be the name of a setting: words divided by dots.</summary>
    /// <param name="name">The name.</param>
    public static bool IsName(string? name) => name is not null && Name().IsMatch(name);

    /// <summary>The values to set: one for most settings, several for those that are lists.</summary>
    /// <param name="name">Name of the setting.</param>
    /// <param name="text">The value as it is written in a manifest or a ConfigMap; quotes around it are taken off.</param>
    public static IReadOnlyList<string> Parse(string name, string text)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(text);
        var trimmed = text.Trim();
        if (Lists.Contains(name, StringComparer.OrdinalIgnoreCase)) return Split(Unquote(trimmed, '\''));
        return [Unquote(Unquote(trimmed, '\''), '"')];
    }

    /// <summary>Whether a stored value of a setting means what is written.</summary>
    /// <param name="name">Name of the setting.</param>
    /// <param name="written">The value as people write it; quotes around it are taken off.</param>
    /// <param name="stored">The value as the catalogue has it; null when the setting is not set.</param>
    public static bool Same(string name, string written, string? stored) =>
        stored is not null && (Lists.Contains(name, StringComparer.OrdinalIgnoreCase)
            ? Parse(name, written).SequenceEqual(Split(stored), StringComparer.Ordinal)
            : string.Equals(Parse(name, written)[0], stored, StringComparison.Ordinal));

    // Elements are divided by commas; a quoted element keeps its case, an unquoted one is folded as the server folds it.
    private static List<string> Split(string list)
    {
        var result = new List<string>();
        var element = new StringBuilder();
        bool quoted = false, wasQuoted = false;
        for (var i = 0; i < list.Length; i++)
        {
            var c = list[i];
            if (c == '"' && quoted && i + 1 < list.Length && list[i + 1] == '"')
            {
                element.Append('"');
                i++;
            }
            else if (c == '"')
            {
                quoted = !quoted;
                wasQuoted = true;
            }
            else if (c == ',' && !quoted) Take();
            else if (quoted || !char.IsWhiteSpace(c)) element.Append(quoted ? c : char.ToLowerInvariant(c));
        }

        Take();
        return result;

        void Take()
        {
            if (element.Length > 0 || wasQuoted) result.Add(element.ToString());
            element.Clear();
            wasQuoted = false;
        }
    }

    private static string Unquote(string text, char quote) =>
        text.Length >= 2 && text[0] == quote && text[^1] == quote ? text[1..^1] : text;

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_$]*(\\.[A-Za-z_][A-Za-z0-9_$]*)*\\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Name();
}
