namespace Zalando.Postgres.Sdk.Planning;

/// <summary>What a volume shall be. What is null stays as it is.</summary>
public sealed record VolumeWish
{
    /// <summary>Least size in bytes; a larger volume stays as it is.</summary>
    public long? Bytes { get; init; }

    /// <summary>The provider's name of the type.</summary>
    public string? Type { get; init; }

    /// <summary>Operations a second.</summary>
    public int? Iops { get; init; }

    /// <summary>Throughput in MiB a second.</summary>
    public int? Throughput { get; init; }
}
