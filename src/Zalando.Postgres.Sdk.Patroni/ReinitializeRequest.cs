namespace Zalando.Postgres.Sdk.Patroni;

/// <summary>How to make a replica again.</summary>
public sealed record ReinitializeRequest
{
    /// <summary>Cancels another action that runs on the member.</summary>
    /// <value>Default: false.</value>
    public bool Force { get; init; }

    /// <summary>Copies from the leader instead of a backup; older Patroni than 4.1 ignores it.</summary>
    /// <value>Default: false.</value>
    public bool FromLeader { get; init; }
}
