namespace Zalando.Postgres.Sdk.Kubernetes.Client;

/// <summary>How to run a command in a container.</summary>
public sealed record ExecOptions
{
    /// <summary>What the command reads; null for nothing.</summary>
    public Stream? Input { get; init; }

    /// <summary>Where what the command writes goes as it arrives, all of it; null to collect it in <see cref="ExecResult.Output"/>. Stays open.</summary>
    public Stream? Output { get; init; }

    /// <summary>The same for standard error and <see cref="ExecResult.ErrorOutput"/>.</summary>
    public Stream? ErrorOutput { get; init; }

    /// <summary>How long the command may take; null for the client's default (30 seconds), <see cref="System.Threading.Timeout.InfiniteTimeSpan"/> for as long as it wants.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>How many bytes of each collected stream are kept; the rest is read and dropped. <value>1 MiB</value></summary>
    public int MaximumOutput { get; init; } = 1024 * 1024;
}
