using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;

namespace Zalando.Postgres.Sdk.Planning.Roles;

/// <summary>What all PostgresTeam objects say together: which other teams and persons belong to the clusters of a team. Never changes.</summary>
public sealed class TeamGraph
{
    private readonly Dictionary<string, List<string>> _teams = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<string>> _superuserTeams = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<string>> _members = new(StringComparer.Ordinal);

    private TeamGraph()
    {
    }

    /// <summary>No PostgresTeam object exists.</summary>
    public static TeamGraph Empty { get; } = new();

    /// <summary>Merges PostgresTeam objects. Their order does not matter.</summary>
    /// <param name="teams">The objects.</param>
    public static TeamGraph From(IEnumerable<PostgresTeam> teams)
    {
        ArgumentNullException.ThrowIfNull(teams);
        var graph = new TeamGraph();
        foreach (var team in teams)
        {
            Merge(graph._teams, team.Spec.AdditionalTeams);
            Merge(graph._superuserTeams, team.Spec.AdditionalSuperuserTeams);
            Merge(graph._members, team.Spec.AdditionalMembers);
        }

        foreach (var list in graph._teams.Values.Concat(graph._superuserTeams.Values).Concat(graph._members.Values)) list.Sort(StringComparer.Ordinal);
        return graph;
    }

    /// <summary>Persons that were added to a team.</summary>
    /// <param name="team">The team.</param>
    public IReadOnlyList<string> MembersOf(string team) => _members.GetValueOrDefault(team) ?? [];

    /// <summary>Teams that are named for a team itself, without those that come in through them.</summary>
    /// <param name="team">The team.</param>
    /// <param name="superusers">Whether the superuser teams are meant.</param>
    public IReadOnlyList<string> DirectTeamsOf(string team, bool superusers) => (superusers ? _superuserTeams : _teams).GetValueOrDefault(team) ?? [];

    /// <summary>All teams that are reached from a team over one kind of relation, without itself. Cycles end.</summary>
    /// <param name="team">The team.</param>
    /// <param name="superusers">Whether the superuser teams are meant.</param>
    /// <returns>Direct teams first.</returns>
    public IReadOnlyList<string> TeamsOf(string team, bool superusers)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal) { team };
        var result = new List<string>();
        var waiting = new Queue<string>([team]);
        while (waiting.TryDequeue(out var current))
        {
            foreach (var next in DirectTeamsOf(current, superusers).Where(seen.Add))
            {
                result.Add(next);
                waiting.Enqueue(next);
            }
        }

        return result;
    }

    /// <summary>The teams whose members get roles in a cluster, as far as the configuration honours these objects.</summary>
    /// <param name="clusterTeam">Team of the cluster; empty for none.</param>
    /// <param name="settings">The operator's settings.</param>
    /// <returns>Superuser teams first, the cluster's team last; each team once.</returns>
    public IReadOnlyList<ClusterTeam> TeamsOfCluster(string? clusterTeam, OperatorSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var teams = settings.TeamsApi;
        var owner = clusterTeam ?? "";
        var result = new List<ClusterTeam>();
        if (owner.Length > 0 && teams.EnablePostgresTeamCrd && teams.EnablePostgresTeamCrdSuperusers)
            result.AddRange(TeamsOf(owner, superusers: true).Select(t => new ClusterTeam(t, true)));
        Add(teams.PostgresSuperuserTeams, superusers: true);
        if (owner.Length > 0 && teams.EnablePostgresTeamCrd) Add(TeamsOf(owner, superusers: false), superusers: false);
        if (owner.Length > 0) Add([owner], teams.EnableTeamSuperuser);
        return result;

        void Add(IEnumerable<string> names, bool superusers)
        {
            foreach (var name in names.Where(n => n.Length > 0 && !result.Any(t => t.Team == n))) result.Add(new(name, superusers));
        }
    }

    private static void Merge(Dictionary<string, List<string>> into, IReadOnlyDictionary<string, IReadOnlyList<string>?>? from)
    {
        foreach (var (team, values) in from ?? new Dictionary<string, IReadOnlyList<string>?>())
        {
            if (!into.TryGetValue(team, out var list)) into[team] = list = [];
            list.AddRange((values ?? []).Where(v => !string.IsNullOrEmpty(v)).Except(list, StringComparer.Ordinal));
        }
    }
}
