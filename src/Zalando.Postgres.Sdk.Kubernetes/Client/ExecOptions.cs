namespace Zalando.Postgres.Sdk.Kubernetes.Client;

/// <summary>How to run a command in a container.</summary>
public sealed record ExecOptions
{
    /// <summary>What the command reads; null for nothing.</summary>
    public Stream? Input { get; init; }

    /// <summary>How long the command may take; null for the client's default (30 seconds).</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>How many bytes of each stream are kept; the rest is read and dropped. <value>1 MiB</value></summary>
    public int MaximumOutput { get; init; } = 1024 * 1024;
}
