namespace Zalando.Postgres.Sdk.Database;

/// <summary>What kind of failure a <see cref="DatabaseException"/> is.</summary>
public enum DatabaseFailure
{
    /// <summary>No connection, or it broke. A change may have happened.</summary>
    Unreachable,

    /// <summary>The server does not accept user name and password.</summary>
    Unauthorized,

    /// <summary>Longer than the statement may take, or a lock did not become free.</summary>
    Timeout,

    /// <summary>The server is a standby or starts or stops; try again later.</summary>
    Unavailable,

    /// <summary>What was to be made exists, or what was to be changed does not: observe and plan again.</summary>
    Outdated,

    /// <summary>The server refuses the statement.</summary>
    Refused,
}
