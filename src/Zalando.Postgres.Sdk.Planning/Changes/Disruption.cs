namespace Zalando.Postgres.Sdk.Planning;

/// <summary>What users of the database notice of a change, from nothing to the worst.</summary>
public enum Disruption
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>PostgreSQL reads its configuration again; connections stay.</summary>
    Reload,

    /// <summary>Connections through the pooler are cut once.</summary>
    PoolerRestart,

    /// <summary>PostgreSQL of a member is restarted in its pod; its connections are cut.</summary>
    PostgresRestart,

    /// <summary>A pod of a replica is made again; connections to it are cut.</summary>
    PodRecreation,

    /// <summary>Another member becomes the primary; writes fail for some seconds.</summary>
    Switchover,

    /// <summary>The primary is gone until its pod is back: there is no replica that could take over, or the cluster is stopped.</summary>
    Downtime,

    /// <summary>Data is deleted.</summary>
    DataLoss,
}
