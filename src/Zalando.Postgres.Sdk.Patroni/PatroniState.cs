namespace Zalando.Postgres.Sdk.Patroni;

/// <summary>State of a member as Patroni writes it; the set is open.</summary>
/// <param name="Text">The words, for example <c>running</c>, <c>streaming</c>, <c>creating replica</c>; empty when there were none.</param>
public readonly record struct PatroniState(string Text)
{
    /// <summary>Whether PostgreSQL accepts connections: <c>running</c>, and for replicas since 3.0.4 <c>streaming</c> or <c>in archive recovery</c>.</summary>
    public bool IsUp => Text is "running" or "streaming" or "in archive recovery";

    /// <summary>Whether it receives WAL from another member.</summary>
    public bool IsStreaming => Text is "streaming";

    /// <summary>Whether PostgreSQL is on its way up or down or being made.</summary>
    public bool IsChanging => Text is "starting" or "restarting" or "stopping" or "creating replica" or "initializing new cluster"
        or "running custom bootstrap script" or "starting after custom bootstrap";

    /// <summary>Whether something went wrong.</summary>
    public bool IsFailed => Text is "crashed" or "start failed" or "restart failed" or "stop failed" or "initdb failed" or "custom bootstrap failed";

    /// <summary>The words.</summary>
    public override string ToString() => Text;
}
