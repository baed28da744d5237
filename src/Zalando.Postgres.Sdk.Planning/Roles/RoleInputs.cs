namespace Zalando.Postgres.Sdk.Planning.Roles;

/// <summary>What besides manifest and configuration decides about roles.</summary>
public sealed record RoleInputs
{
    /// <summary>Nothing else.</summary>
    public static RoleInputs None { get; } = new();

    /// <summary>Roles of the operator configuration for all clusters.</summary>
    public IReadOnlyList<InfrastructureRole> InfrastructureRoles { get; init; } = [];

    /// <summary>The PostgresTeam objects; they count only when the configuration says so.</summary>
    public TeamGraph PostgresTeams { get; init; } = TeamGraph.Empty;

    /// <summary>Whether the PostgresTeam objects are known. When they count and are not known, former members keep their roles.</summary>
    /// <value>Default: true.</value>
    public bool PostgresTeamsObserved { get; init; } = true;

    /// <summary>Teams about which the directory gave no answer, not even an earlier one. While there are any, former members keep their roles.</summary>
    public IReadOnlyList<string> UnansweredTeams { get; init; } = [];

    /// <summary>Members by team as the team directory gave them; a team without an entry is unknown to it.
    /// Null when the directory was not asked or did not answer: then former members keep their roles.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>>? TeamMembers { get; init; }
}
