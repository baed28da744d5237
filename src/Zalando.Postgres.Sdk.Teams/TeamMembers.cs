namespace Zalando.Postgres.Sdk.Teams;

/// <summary>Members of a team.</summary>
/// <param name="Team">Name of the team.</param>
/// <param name="Members">Their names, as the directory gave them: untrusted text.</param>
public sealed record TeamMembers(string Team, IReadOnlyList<string> Members)
{
    /// <summary>Why this is an earlier answer: what the directory said or did when it was asked last. Null for a fresh answer.</summary>
    public string? StaleBecause { get; init; }

    /// <summary>When the directory gave this answer; null when that is now.</summary>
    public DateTimeOffset? AnsweredAt { get; init; }
}
