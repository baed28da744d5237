namespace Zalando.Postgres.Sdk.Sandbox.Spilo;

/// <summary>How fast Patroni notices a lost primary, where the manifest says nothing. A manifest's own values always win.</summary>
/// <remarks>Patroni asks for <c>LoopWait + 2 x RetryTimeout &lt;= TimeToLive</c>. A failover takes about <see cref="TimeToLive"/> plus a few seconds.</remarks>
public sealed record PatroniTiming
{
    /// <summary>As on a real cluster: 30, 10, 10 seconds.</summary>
    public static PatroniTiming Production { get; } = new() { TimeToLive = 30, LoopWait = 10, RetryTimeout = 10 };

    /// <summary><c>ttl</c> in seconds: how long the leader lock lives without renewal.</summary>
    /// <value>Default 10.</value>
    public int TimeToLive { get; init; } = 10;

    /// <summary><c>loop_wait</c> in seconds: the pause between two looks of Patroni at its cluster.</summary>
    /// <value>Default 2.</value>
    public int LoopWait { get; init; } = 2;

    /// <summary><c>retry_timeout</c> in seconds: how long failing calls to PostgreSQL and the API server are repeated.</summary>
    /// <value>Default 4.</value>
    public int RetryTimeout { get; init; } = 4;
}
