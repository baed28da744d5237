namespace Zalando.Postgres.Sdk.Patroni;

/// <summary>What became of a switchover or failover.</summary>
public enum SwitchoverOutcome
{
    /// <summary>The candidate, or any member when none was named, leads.</summary>
    Done,

    /// <summary>Another member than the candidate leads.</summary>
    OtherLeader,

    /// <summary>Patroni will do it at the given time.</summary>
    Scheduled,

    /// <summary>The request is not possible in this state; nothing happened. The text says why.</summary>
    Refused,

    /// <summary>The leader dropped the request, for example because the candidate is behind; nothing happened.</summary>
    Failed,

    /// <summary>Not known, because time ran out: look at the cluster, do not repeat.</summary>
    Unknown,
}
