namespace Zalando.Postgres.Sdk.Teams;

/// <summary>Where the Teams API is and how to talk to it.</summary>
public sealed record TeamsApiOptions
{
    /// <summary>Address, for example <c>https://teams.example.com/api</c>.</summary>
    public required Uri Url { get; init; }

    /// <summary>Gives the bearer token at each question; <see cref="FromFile"/> reads one from a file.</summary>
    public required Func<CancellationToken, ValueTask<string>> Token { get; init; }

    /// <summary>Longest wait for an answer.</summary>
    /// <value>Default: 10 s.</value>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Reads the token from a file at each question, so that a new one is used at once. Blanks and line ends around it are dropped.</summary>
    /// <param name="path">Path of the file.</param>
    public static Func<CancellationToken, ValueTask<string>> FromFile(string path) =>
        async cancellationToken => (await File.ReadAllTextAsync(path, cancellationToken).ConfigureAwait(false)).Trim();
}
