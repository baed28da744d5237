namespace Zalando.Postgres.Sdk.Testing.ApiServer;

/// <summary>A command to run, with its streams. The server owns the streams.</summary>
public sealed record PodExecRequest
{
    /// <summary>Container name.</summary>
    public required string Container { get; init; }

    /// <summary>Program and arguments.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>What the client types; null when it sends nothing.</summary>
    public Stream? StandardInput { get; init; }

    /// <summary>Where the output goes; null when nobody reads it.</summary>
    public Stream? StandardOutput { get; init; }

    /// <summary>Where the error output goes; null when nobody reads it.</summary>
    public Stream? StandardError { get; init; }

    /// <summary>Whether a terminal is wanted.</summary>
    public bool Terminal { get; init; }
}
