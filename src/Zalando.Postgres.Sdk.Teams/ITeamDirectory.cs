namespace Zalando.Postgres.Sdk.Teams;

/// <summary>Knows who belongs to which team. Register your own to take members from elsewhere.</summary>
public interface ITeamDirectory
{
    /// <summary>The members of a team.</summary>
    /// <param name="team">Name of the team.</param>
    /// <param name="cancellationToken">Ends the question.</param>
    /// <returns>The members; null when the directory does not know the team.</returns>
    /// <exception cref="TeamDirectoryException">The directory gave no usable answer.</exception>
    Task<TeamMembers?> FindAsync(string team, CancellationToken cancellationToken = default);
}
