using Zalando.Postgres.Sdk.Planning;

namespace Zalando.Postgres.Sdk.Reconciliation.Teams;

/// <summary>What a team directory said about the teams of a cluster.</summary>
public sealed record TeamAnswers
{
    /// <summary>Members by team; a team without an entry is unknown to the directory. Null when no directory is asked.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>>? Members { get; init; }

    /// <summary>Teams about which it gave no answer, not even an earlier one.</summary>
    public IReadOnlyList<string> Unanswered { get; init; } = [];

    /// <summary>What the owner should know: earlier answers in use, and why.</summary>
    public IReadOnlyList<Finding> Findings { get; init; } = [];
}
