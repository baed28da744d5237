using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Teams;

namespace TeamDirectories;

/// <summary>Teams from a group service in the style of SCIM: <c>GET &lt;base&gt;/Groups?filter=displayName eq "team"</c> gives <c>Resources[0].members[].display</c>.</summary>
/// <param name="http">The client, with base address and authentication.</param>
/// <example><code>builder.Services.AddPostgresOperator().UseTeamDirectory(p => new GroupServiceDirectory(p.GetRequiredService&lt;IHttpClientFactory&gt;().CreateClient("groups")));</code></example>
public sealed class GroupServiceDirectory(HttpClient http) : ITeamDirectory
{
    /// <inheritdoc />
    public async Task<TeamMembers?> FindAsync(string team, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(team);
        try
        {
            // The name is data in a query of the service: quotes would end it.
            var filter = Uri.EscapeDataString($"displayName eq \"{team.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"");
            using var response = await http.GetAsync(new Uri("Groups?filter=" + filter, UriKind.Relative), cancellationToken).ConfigureAwait(false);
            var body = await response.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false);
            if (response.StatusCode != HttpStatusCode.OK) throw new TeamDirectoryException($"the group service answered {(int)response.StatusCode}") { Status = response.StatusCode };
            if (JsonNode.Parse(body)?["Resources"] is not JsonArray groups) throw new TeamDirectoryException("the answer of the group service has no Resources");
            if (groups.Count == 0) return null;
            return new TeamMembers(team, [.. (groups[0]?["members"] as JsonArray ?? []).Select(m => (string?)m?["display"] ?? "").Where(m => m.Length > 0)]);
        }
        catch (Exception e) when (e is HttpRequestException or JsonException or InvalidOperationException or IOException)
        {
            throw new TeamDirectoryException($"the group service gave no usable answer: {e.Message}", e);
        }
    }
}
