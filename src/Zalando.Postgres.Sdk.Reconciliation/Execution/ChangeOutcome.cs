namespace Zalando.Postgres.Sdk.Reconciliation.Execution;

/// <summary>How the attempt to make a change ended.</summary>
public enum ChangeOutcome
{
    /// <summary>It was made.</summary>
    Done,

    /// <summary>It was begun and takes its time; the next passes look after it.</summary>
    InProgress,

    /// <summary>The world was different from what was planned for (409, 404): observe and plan again.</summary>
    Stale,

    /// <summary>A newer manifest or a deletion came in between; the change was not begun.</summary>
    Interrupted,

    /// <summary>Whoever makes it takes no change now; the next plan says until when. Nothing else waits for it.</summary>
    Postponed,

    /// <summary>A policy holds it back.</summary>
    HeldBack,

    /// <summary>It failed.</summary>
    Failed,
}
