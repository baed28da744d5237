using System.Text.RegularExpressions;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Selectors;

/// <summary>What names, label keys and label values may look like, with the words of the real server.</summary>
internal static partial class LabelSyntax
{
    public const string SubdomainFault = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

    public const string LabelFault = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

    public const string Label1035Fault = "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";

    private const string QualifiedFault = "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

    public static bool IsSubdomain(string text) => text.Length <= 253 && Subdomain().IsMatch(text);

    public static bool IsLabel(string text) => text.Length <= 63 && Label().IsMatch(text);

    public static bool IsLabel1035(string text) => text.Length <= 63 && Label1035().IsMatch(text);

    /// <summary>The faults of a qualified name such as a label key, an annotation key or a finalizer.</summary>
    public static IEnumerable<string> KeyFaults(string key)
    {
        var slash = key.IndexOf('/');
        var name = key;
        if (slash >= 0)
        {
            if (key.IndexOf('/', slash + 1) >= 0)
            {
                yield return "a qualified name " + QualifiedFault + " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')";
                yield break;
            }

            var prefix = key[..slash];
            name = key[(slash + 1)..];
            if (prefix.Length == 0) yield return "prefix part must be non-empty";
            else if (prefix.Length > 253) yield return "prefix part must be no more than 253 bytes";
            else if (!Subdomain().IsMatch(prefix)) yield return "prefix part " + SubdomainFault;
        }

        if (name.Length == 0) yield return "name part must be non-empty";
        else if (name.Length > 63) yield return "name part must be no more than 63 bytes";
        if (!Qualified().IsMatch(name)) yield return "name part " + QualifiedFault;
    }

    public static string? KeyFault(string key) => KeyFaults(key).FirstOrDefault();

    public static string? ValueFault(string value)
    {
        if (value.Length > 63) return "must be no more than 63 bytes";
        return value.Length > 0 && !Qualified().IsMatch(value)
            ? "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
            : null;
    }

    [GeneratedRegex(@"\A[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z")]
    private static partial Regex Subdomain();

    [GeneratedRegex(@"\A[a-z0-9]([-a-z0-9]*[a-z0-9])?\z")]
    private static partial Regex Label();

    [GeneratedRegex(@"\A[a-z]([-a-z0-9]*[a-z0-9])?\z")]
    private static partial Regex Label1035();

    [GeneratedRegex(@"\A([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]\z")]
    private static partial Regex Qualified();
}
