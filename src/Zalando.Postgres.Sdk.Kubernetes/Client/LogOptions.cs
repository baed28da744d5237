namespace Zalando.Postgres.Sdk.Kubernetes.Client;

/// <summary>Which part of a log to read.</summary>
public sealed record LogOptions
{
    /// <summary>Keep the stream open and deliver what comes.</summary>
    public bool Follow { get; init; }

    /// <summary>The log of the container before its last restart.</summary>
    public bool Previous { get; init; }

    /// <summary>Only the last lines; null for all.</summary>
    public int? TailLines { get; init; }

    /// <summary>At most so many bytes; null for no limit.</summary>
    public long? LimitBytes { get; init; }
}
