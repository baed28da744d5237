namespace Zalando.Postgres.Sdk.Patroni;

/// <summary>Role of a member as Patroni writes it; versions differ, so the text is kept.</summary>
/// <param name="Text">The word, for example <c>primary</c>, <c>leader</c>, <c>sync_standby</c>; empty when there was none.</param>
public readonly record struct PatroniRole(string Text)
{
    /// <summary>Whether it takes writes: <c>primary</c>, <c>leader</c>, and <c>master</c> or <c>promoted</c> of older versions.</summary>
    public bool IsPrimary => Text is "primary" or "leader" or "master" or "promoted";

    /// <summary>Whether it leads a standby cluster.</summary>
    public bool IsStandbyLeader => Text is "standby_leader";

    /// <summary>Whether it holds the leader lock of its cluster.</summary>
    public bool IsLeader => IsPrimary || IsStandbyLeader;

    /// <summary>Whether it follows another member.</summary>
    public bool IsReplica => Text is "replica" or "sync_standby" or "quorum_standby";

    /// <summary>Whether commits wait for it.</summary>
    public bool IsSynchronous => Text is "sync_standby" or "quorum_standby";

    /// <summary>The word.</summary>
    public override string ToString() => Text;
}
