namespace Zalando.Postgres.Sdk.Patroni;

/// <summary>What kind of failure a <see cref="PatroniException"/> is.</summary>
public enum PatroniFailure
{
    /// <summary>No connection, or it broke. Nothing is known to have happened for requests that only read or patch.</summary>
    Unreachable,

    /// <summary>No answer within the deadline; a request that changes something may still take effect.</summary>
    Timeout,

    /// <summary>The address, the certificate or the password is not accepted (401, 403).</summary>
    Unauthorized,

    /// <summary>Somebody else changed the same at the same time (409).</summary>
    Conflict,

    /// <summary>The request is wrong (4xx).</summary>
    Refused,

    /// <summary>Patroni cannot do it now (5xx).</summary>
    Unavailable,

    /// <summary>The answer is not what Patroni sends.</summary>
    Unreadable,
}
