using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Reconciliation.Patroni;
using Zalando.Postgres.Sdk.Reconciliation.Statuses;
using Zalando.Postgres.Sdk.Resources;

namespace Zalando.Postgres.Sdk.Reconciliation.Engine;

/// <summary>What the process remembers of a cluster between passes. Only to save work: losing it costs a look, never correctness.</summary>
internal sealed class ClusterMemory
{
    /// <summary>The manifest as last read, in today's form, with what was found on the way, and the version it was read from.</summary>
    public (string? Version, Postgresql? Manifest, IReadOnlyList<Finding>? Findings, string? Failure) Read { get; set; }

    /// <summary>The manifest of a cluster whose object is gone and whose other objects are being deleted.</summary>
    public Postgresql? Departed { get; set; }

    /// <summary>Whether this process has not yet looked at the cluster.</summary>
    public bool IsNew { get; set; } = true;

    /// <summary>Whether this process has not yet looked into the databases.</summary>
    public bool AreDatabasesNew { get; set; } = true;

    /// <summary>How many passes in a row found the world other than it was when they planned.</summary>
    public int StalePasses { get; set; }

    /// <summary>Whether the API server has confirmed that the object is gone, and the record of the deletion is stored.</summary>
    public bool IsDepartureCertain { get; set; }

    /// <summary>What planning found out in the last pass.</summary>
    public PlanningMemory Planning { get; } = new();

    /// <summary>Findings that were told already.</summary>
    public HashSet<string> Told { get; } = new(StringComparer.Ordinal);

    public DatabaseState Databases { get; set; }

    public string? DatabaseFingerprint { get; set; }

    public DateTimeOffset DatabasesLookedAt { get; set; }

    /// <summary>When to look into the databases again: for somebody who does not tell, or because something is due then; null when there is neither.</summary>
    public DateTimeOffset? DatabasesDueAt { get; set; }

    /// <summary>How many looks in a row waited for somebody who does not tell (a directory of teams, a table that is not made yet) and changed nothing.</summary>
    public int DatabaseLooksInVain { get; set; }

    public string? DatabaseFailure { get; set; }

    /// <summary>Who could not be asked in the last look at the databases.</summary>
    public string? DatabaseTrouble { get; set; }

    /// <summary>What waits inside the databases.</summary>
    public IReadOnlyList<PendingChange> DatabasePending { get; set; } = [];

    /// <summary>Until when this process waits for the first list of event streams; null when it did not have to.</summary>
    public DateTimeOffset? StreamsAwaitedUntil { get; set; }

    /// <summary>Tables of the publications of event streams as last seen; null when they were not looked at.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>>? StreamTables { get; set; }

    /// <summary>The version that the primary was seen to run.</summary>
    public KnownVersion? ServerVersion { get; set; }

    /// <summary>The last restart that this process caused.</summary>
    public RestartStatus? LastRestart { get; set; }

    /// <summary>Ends what the running pass waits for outside; null while it waits for nothing. Only the pass disposes of it.</summary>
    public CancellationTokenSource? Interruption { get; set; }
}
