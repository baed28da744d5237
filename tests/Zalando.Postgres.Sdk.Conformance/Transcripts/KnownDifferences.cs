using System.Text.RegularExpressions;

namespace Zalando.Postgres.Sdk.Conformance.Transcripts;

/// <summary>The steps that do not replay, as <c>docs/reference/testing-api-server.md</c> lists them: <c>| topic | steps | reason |</c>.</summary>
internal static partial class KnownDifferences
{
    public static string File => Path.Combine(TranscriptFolder.Root!, "docs", "reference", "testing-api-server.md");

    public static IReadOnlySet<int> Of(string topic)
    {
        var steps = new HashSet<int>();
        if (!System.IO.File.Exists(File)) return steps;
        foreach (var line in System.IO.File.ReadLines(File))
        {
            var match = Row().Match(line);
            if (!match.Success || match.Groups[1].Value != topic) continue;
            foreach (var step in match.Groups[2].Value.Split(',', StringSplitOptions.TrimEntries)) steps.Add(int.Parse(step));
        }

        return steps;
    }

    [GeneratedRegex(@"\A\| `([a-z-]+)` \| ([0-9, ]+) \|")]
    private static partial Regex Row();
}
