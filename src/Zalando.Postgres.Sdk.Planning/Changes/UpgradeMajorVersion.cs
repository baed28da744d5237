namespace Zalando.Postgres.Sdk.Planning;

/// <summary>Upgrades PostgreSQL of a cluster to a newer major version in place, with the image's own script in the primary. The target is the primary's pod.</summary>
/// <remarks>It takes minutes and is one step at a time: each execution starts the script or looks how far it is. What came of it is written to annotations of the manifest.</remarks>
public sealed record UpgradeMajorVersion : PlannedChange
{
    /// <summary>The major version that runs.</summary>
    public required int From { get; init; }

    /// <summary>The major version to reach.</summary>
    public required int To { get; init; }

    /// <summary>Number of members; the script refuses another number.</summary>
    public required int Members { get; init; }

    /// <summary>What to do now.</summary>
    public required UpgradeStep Step { get; init; }

    /// <summary>Distinguishes this try from others; part of the annotation that says that it is under way.</summary>
    public required string Attempt { get; init; }
}
