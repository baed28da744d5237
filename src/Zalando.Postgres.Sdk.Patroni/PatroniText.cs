using System.Text.RegularExpressions;

namespace Zalando.Postgres.Sdk.Patroni;

/// <summary>Reads what Patroni answers in words.</summary>
internal static partial class PatroniText
{
    /// <summary>The new leader in the answer to a switchover or failover; null when the text names none.</summary>
    /// <param name="text">The answer.</param>
    public static string? NewLeader(string text)
    {
        var match = OverTo().Match(text);
        return match.Success ? match.Groups["leader"].Value : null;
    }

    /// <summary>The words of an error: Python's HTTP server wraps its own in a page.</summary>
    /// <param name="body">The body.</param>
    public static string OfError(string body)
    {
        var text = body;
        if (body.Contains("<html", StringComparison.OrdinalIgnoreCase) || body.StartsWith("<!DOCTYPE", StringComparison.OrdinalIgnoreCase))
        {
            var match = Message().Match(body);
            text = match.Success ? System.Net.WebUtility.HtmlDecode(match.Groups["text"].Value) : "an HTML page";
        }

        text = text.ReplaceLineEndings(" ").Trim();
        return text.Length == 0 ? "no text" : text.Length > 500 ? text[..500] + "..." : text;
    }

    [GeneratedRegex("(switched|failed) over to \"(?<leader>[^\"]+)\"", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex OverTo();

    [GeneratedRegex("<p>\\s*Message:\\s*(?<text>.*?)</p>", RegexOptions.IgnoreCase | RegexOptions.Singleline | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Message();
}
