namespace Zalando.Postgres.Sdk.Reconciliation.Plugins;

/// <summary>What a volume is. What is null is not known: then the operator asks the provider once for what the manifest wishes, and remembers the answer.</summary>
public sealed record VolumeDescription
{
    /// <summary>Size in bytes.</summary>
    public long? Bytes { get; init; }

    /// <summary>The provider's name of the volume type.</summary>
    public string? Type { get; init; }

    /// <summary>Operations a second.</summary>
    public int? Iops { get; init; }

    /// <summary>Throughput in MiB a second.</summary>
    public int? Throughput { get; init; }

    /// <summary>How far a change is that the provider is making, as a sentence; null when it makes none. Until it is null nothing else is asked of the volume.
    /// Each change of it is written to the status, so let it change when it tells somebody something: in steps of ten percent, for example.</summary>
    public string? Progress { get; init; }

    /// <summary>When to look again while there is a <see cref="Progress"/>; null for a time that the operator chooses: ten seconds at first,
    /// then a quarter of the time that the change has taken, five minutes at most. A time is shown as the one that the cluster waits for; it is not looked earlier, and may be later.</summary>
    public DateTimeOffset? AskAgainAt { get; init; }
}
