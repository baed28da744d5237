using System.Text.Json;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Teams;

namespace TeamDirectories;

/// <summary>Teams from a JSON file that is mounted into the operator's pod: <c>{"acid": ["alice", "bob"]}</c>. A changed file counts at the next look.</summary>
/// <param name="path">Path of the file.</param>
/// <example><code>builder.Services.AddPostgresOperator().UseTeamDirectory(_ => new FileTeamDirectory("/etc/teams/teams.json"));</code></example>
public sealed class FileTeamDirectory(string path) : ITeamDirectory
{
    /// <inheritdoc />
    public async Task<TeamMembers?> FindAsync(string team, CancellationToken cancellationToken = default)
    {
        try
        {
            var text = await File.ReadAllTextAsync(path, cancellationToken).ConfigureAwait(false);
            if (JsonNode.Parse(text) is not JsonObject teams) throw new TeamDirectoryException($"{path}: it is no JSON object with teams");
            return teams[team] is JsonArray members ? new TeamMembers(team, [.. members.Select(m => (string?)m ?? "").Where(m => m.Length > 0)]) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException)
        {
            // Said as a failure and not as an empty team: nobody loses a role because of a broken file.
            throw new TeamDirectoryException($"{path}: {e.Message}", e);
        }
    }
}
