namespace Zalando.Postgres.Sdk.Planning;

/// <summary>What the storage provider says of the volume behind a PersistentVolume.</summary>
public sealed record ObservedVolume
{
    /// <summary>Whether somebody can change volumes of its provisioner.</summary>
    public bool IsChangeable { get; init; } = true;

    /// <summary>Size in bytes; null when unknown.</summary>
    public long? Bytes { get; init; }

    /// <summary>The provider's name of its type; null when unknown.</summary>
    public string? Type { get; init; }

    /// <summary>Operations a second; null when unknown.</summary>
    public int? Iops { get; init; }

    /// <summary>Throughput in MiB a second; null when unknown.</summary>
    public int? Throughput { get; init; }

    /// <summary>How far a change is that the provider is making, as a sentence; null when it makes none.</summary>
    public string? Progress { get; init; }

    /// <summary>When the provider expects news of <see cref="Progress"/>; null when it does not say.</summary>
    public DateTimeOffset? ProgressUntil { get; init; }

    /// <summary>Why the provider could not be asked, or what went wrong with a change; null when nothing did.</summary>
    public string? Failure { get; init; }

    /// <summary>What the provider said to the last wish; null when it was asked for nothing that is still open.</summary>
    public VolumeAnswer? Answer { get; init; }

    /// <summary>When the provider is asked again about <see cref="Progress"/>, <see cref="Failure"/> or an <see cref="Answer"/> that is on its way.</summary>
    public DateTimeOffset? AskAgainAt { get; init; }
}
