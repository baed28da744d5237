using System.Collections.Concurrent;

namespace Zalando.Postgres.Sdk.Teams;

/// <summary>Remembers answers of another directory: for a while instead of asking, and in an outage until it is over.</summary>
/// <remarks>A team that was known and is suddenly unknown counts as an outage too: a wrong address answers like that, and the roles of all its
/// members would be taken away.</remarks>
public sealed class CachedTeamDirectory : ITeamDirectory
{
    private readonly ConcurrentDictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly ITeamDirectory _inner;
    private readonly TimeProvider _time;
    private readonly TimeSpan _lifetime;
    private readonly TimeSpan _patience;

    /// <summary>Makes a cache.</summary>
    /// <param name="inner">The directory to ask.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <param name="lifetime">How long an answer is good without asking again.</param>
    /// <param name="patience">How long a team that was known has to be unknown before that is believed.</param>
    public CachedTeamDirectory(ITeamDirectory inner, TimeProvider timeProvider, TimeSpan lifetime, TimeSpan patience)
    {
        ArgumentNullException.ThrowIfNull(inner);
        ArgumentNullException.ThrowIfNull(timeProvider);
        (_inner, _time, _lifetime, _patience) = (inner, timeProvider, lifetime, patience);
    }

    /// <inheritdoc />
    public async Task<TeamMembers?> FindAsync(string team, CancellationToken cancellationToken = default)
    {
        var now = _time.GetUtcNow();
        var known = _entries.GetValueOrDefault(team);
        if (known is not null && now - known.At < _lifetime && known.UnknownSince is null) return known.Members;
        try
        {
            var members = await _inner.FindAsync(team, cancellationToken).ConfigureAwait(false);
            if (members is null && known?.Members is { Members.Count: > 0 } before)
            {
                var since = known.UnknownSince ?? now;
                if (now - since < _patience)
                {
                    _entries[team] = known with { UnknownSince = since };
                    return before with { StaleBecause = $"the directory does not know the team \"{team}\" any more, since {since:u}", AnsweredAt = known.At };
                }
            }

            _entries[team] = new(members, now, null);
            return members;
        }
        catch (TeamDirectoryException e) when (known is not null)
        {
            return known.Members is null ? null : known.Members with { StaleBecause = e.Message, AnsweredAt = known.At };
        }
    }

    private sealed record Entry(TeamMembers? Members, DateTimeOffset At, DateTimeOffset? UnknownSince);
}
