namespace Zalando.Postgres.Sdk.Patroni;

/// <summary>What became of a restart.</summary>
public enum RestartOutcome
{
    /// <summary>PostgreSQL was restarted and accepts connections.</summary>
    Done,

    /// <summary>The conditions do not hold: nothing was pending, or the role or version is another. Nothing happened.</summary>
    NotNeeded,

    /// <summary>Patroni will do it at the given time.</summary>
    Scheduled,

    /// <summary>Another action runs, or a restart is scheduled already; nothing happened.</summary>
    Busy,

    /// <summary>PostgreSQL is not up within the time limit; it goes on starting.</summary>
    StillStarting,

    /// <summary>The request is not possible; nothing happened. The text says why.</summary>
    Refused,

    /// <summary>PostgreSQL did not start.</summary>
    Failed,

    /// <summary>Not known, because time ran out: look at the member's state and start time, do not repeat.</summary>
    Unknown,
}
