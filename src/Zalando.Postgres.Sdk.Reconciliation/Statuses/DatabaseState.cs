namespace Zalando.Postgres.Sdk.Reconciliation.Statuses;

/// <summary>Whether roles and databases are as the manifest says, as far as is known.</summary>
public enum DatabaseState
{
    /// <summary>Nobody looked yet, or there is no primary to ask.</summary>
    Unknown,

    /// <summary>They are.</summary>
    UpToDate,

    /// <summary>The operator does not touch the databases of this cluster: switched off, a standby, or no members.</summary>
    NotManaged,

    /// <summary>The database could not be asked or refused a change.</summary>
    Failed,
}
