namespace Zalando.Postgres.Sdk.Planning.Roles;

/// <summary>What to do with the Secret of a role, and why.</summary>
/// <remarks>The new role or password goes into the database first and into the Secret afterwards: whoever reads the Secret can log in at any time.</remarks>
public sealed record RotationDecision
{
    /// <summary>Nothing to do.</summary>
    public static RotationDecision None { get; } = new() { Kind = RotationKind.None, UserName = "" };

    /// <summary>What to do.</summary>
    public required RotationKind Kind { get; init; }

    /// <summary>The user name that the Secret holds afterwards; empty when nothing changes.</summary>
    public required string UserName { get; init; }

    /// <summary>The next rotation; null when there is none.</summary>
    public DateTimeOffset? NextRotation { get; init; }

    /// <summary>Why.</summary>
    public string Reason { get; init; } = "";
}
