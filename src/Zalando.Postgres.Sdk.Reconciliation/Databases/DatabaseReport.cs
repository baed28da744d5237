using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Reconciliation.Execution;

namespace Zalando.Postgres.Sdk.Reconciliation.Databases;

/// <summary>What came of a look at the databases of a cluster.</summary>
public sealed record DatabaseReport
{
    /// <summary>Changes that were made, in order.</summary>
    public IReadOnlyList<PlannedChange> Changes { get; init; } = [];

    /// <summary>What the owner should know.</summary>
    public IReadOnlyList<Finding> Findings { get; init; } = [];

    /// <summary>Why it ended early, in the server's own words; null when everything is as it should be. Never a secret.</summary>
    public string? Failure { get; init; }

    /// <summary>Who could not be asked, although everything else was done: a directory of teams; null when everybody answered. Never a secret.</summary>
    public string? Trouble { get; init; }

    /// <summary>It ended early because something newer came.</summary>
    public bool IsInterrupted { get; init; }

    /// <summary>Changes that a policy holds back.</summary>
    public IReadOnlyList<ChangeResult> HeldBack { get; init; } = [];

    /// <summary>When to look again because something waits that nobody tells of, such as a table; null when nothing does.</summary>
    public TimeSpan? LookAgainAfter { get; init; }

    /// <summary>When the next rotation of a password is due or the next retention ends, so that there is something to do then; null for never.</summary>
    public DateTimeOffset? NextDueAt { get; init; }

    /// <summary>Changes that wait for something else, such as replication slots for a restart.</summary>
    public IReadOnlyList<PendingChange> Pending { get; init; } = [];

    /// <summary>Tables of the publications of event streams, by name of the publication; null when they were not looked at.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>>? StreamTables { get; init; }

    /// <summary>A Secret was changed on the way of a rotation; the next pass goes on from there.</summary>
    public bool HasMoreToDo { get; init; }
}
