using Zalando.Postgres.Sdk.Teams;

namespace Zalando.Postgres.Sdk.Samples.Plugins;

/// <summary>Knows teams from files: one a team, one member a line.</summary>
/// <param name="directory">Where they are.</param>
public sealed class TeamsFromDirectory(string directory) : ITeamDirectory
{
    /// <inheritdoc />
    public async Task<TeamMembers?> FindAsync(string team, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(team);
        if (team.AsSpan().ContainsAny('/', '\\') || team is "." or "..") return null;
        var file = Path.Combine(directory, team);
        if (!File.Exists(file)) return null;
        var lines = await File.ReadAllLinesAsync(file, cancellationToken).ConfigureAwait(false);
        return new TeamMembers(team, [.. lines.Select(l => l.Trim()).Where(l => l.Length > 0 && l[0] != '#')]);
    }
}
