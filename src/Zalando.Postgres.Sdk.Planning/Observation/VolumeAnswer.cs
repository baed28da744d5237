namespace Zalando.Postgres.Sdk.Planning;

/// <summary>What a storage provider said when it was asked to change a volume.</summary>
public sealed record VolumeAnswer
{
    /// <summary>What was asked for. The answer says nothing of another wish.</summary>
    public required VolumeWish Wish { get; init; }

    /// <summary>Whether it will never do so; otherwise it is on its way or has to wait until <see cref="Until"/>.</summary>
    public bool IsRefused { get; init; }

    /// <summary>The provider's words.</summary>
    public required string Explanation { get; init; }

    /// <summary>The provider's own time for news; null when it said none, or when only another wish leads further.</summary>
    public DateTimeOffset? Until { get; init; }
}
