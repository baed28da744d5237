namespace Zalando.Postgres.Sdk.Planning;

/// <summary>What a Patroni member is.</summary>
public enum MemberRole
{
    /// <summary>Takes writes (Patroni: <c>leader</c>, <c>master</c>, <c>primary</c>).</summary>
    Primary,

    /// <summary>Streams asynchronously.</summary>
    Replica,

    /// <summary>A replica that commits wait for.</summary>
    SyncStandby,

    /// <summary>The leader of a standby cluster: read only, follows a remote primary.</summary>
    StandbyLeader,
}
