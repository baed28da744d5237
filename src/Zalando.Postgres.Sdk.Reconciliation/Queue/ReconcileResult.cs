namespace Zalando.Postgres.Sdk.Reconciliation.Queue;

/// <summary>What the queue should do with a cluster after a pass. A value, so that a pass needs no access to the queue.</summary>
public sealed record ReconcileResult
{
    /// <summary>Nothing more to do until something changes.</summary>
    public static ReconcileResult Done { get; } = new();

    /// <summary>The world changed during the pass (409, a newer manifest): look again at once. Not a failure.</summary>
    public static ReconcileResult ObserveAgain { get; } = new() { RequeueAfter = TimeSpan.Zero };

    /// <summary>When to look again if nothing changes before; null for not at all (the periodic look comes anyway).</summary>
    public TimeSpan? RequeueAfter { get; init; }

    /// <summary>Whether the pass failed: the next try waits longer with every failure in a row.</summary>
    public bool Failed { get; init; }

    /// <summary>A pass that failed and is tried again after a growing pause.</summary>
    public static ReconcileResult Failure { get; } = new() { Failed = true };

    /// <summary>Look again after a while.</summary>
    /// <param name="delay">How long; zero for at once.</param>
    public static ReconcileResult After(TimeSpan delay) => new() { RequeueAfter = delay };
}
