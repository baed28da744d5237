namespace Zalando.Postgres.Sdk.Conformance.Transcripts;

/// <summary>Where the recorded transcripts are: beside the repository, in <c>shared</c>.</summary>
internal static class TranscriptFolder
{
    public static string? Root { get; } = FindRoot();

    public static string? Path => Root is null ? null : Existing(System.IO.Path.Combine(Root, "..", "shared", "apiserver-transcripts"));

    public static IEnumerable<string> Topics => Path is null ? [] : Directory.GetFiles(Path, "*.jsonl").Select(static f => System.IO.Path.GetFileNameWithoutExtension(f)).Where(Wanted).Order(StringComparer.Ordinal);

    /// <summary>With <c>TRANSCRIPT_TOPICS</c> only some are replayed.</summary>
    private static bool Wanted(string topic) => Environment.GetEnvironmentVariable("TRANSCRIPT_TOPICS") is not { Length: > 0 } topics || topics.Split(' ').Contains(topic);

    public static string File(string topic) => System.IO.Path.Combine(Path!, topic + ".jsonl");

    private static string? Existing(string path) => Directory.Exists(path) ? path : null;

    private static string? FindRoot()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (System.IO.File.Exists(System.IO.Path.Combine(directory.FullName, "Zalando.Postgres.Sdk.sln"))) return directory.FullName;
        }

        return null;
    }
}
