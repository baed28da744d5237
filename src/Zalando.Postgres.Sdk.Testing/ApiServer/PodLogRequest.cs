namespace Zalando.Postgres.Sdk.Testing.ApiServer;

/// <summary>Which part of which log is wanted.</summary>
public sealed record PodLogRequest
{
    /// <summary>Container name.</summary>
    public required string Container { get; init; }

    /// <summary>Whether to wait for more.</summary>
    public bool Follow { get; init; }

    /// <summary>Whether the log of the container's previous run is wanted.</summary>
    public bool Previous { get; init; }

    /// <summary>Only so many last lines; null for all.</summary>
    public int? TailLines { get; init; }

    /// <summary>Only what is younger, in seconds; null for all.</summary>
    public int? SinceSeconds { get; init; }

    /// <summary>Whether each line starts with its time.</summary>
    public bool Timestamps { get; init; }

    /// <summary>At most so many bytes; null for no limit.</summary>
    public long? LimitBytes { get; init; }
}
