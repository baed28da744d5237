using System.Text.Json.Nodes;

namespace Zalando.Postgres.Sdk.Testing.Patroni;

/// <summary>A member of a fake cluster. Change it at any time.</summary>
public sealed class FakePatroniMember
{
    internal FakePatroniMember(string name, Uri url, string role)
    {
        Name = name;
        Url = url;
        Role = role;
    }

    /// <summary>Name.</summary>
    public string Name { get; }

    /// <summary>Address of its REST API.</summary>
    public Uri Url { get; }

    /// <summary>Role as in the cluster view: <c>leader</c>, <c>replica</c>, <c>sync_standby</c>.</summary>
    public string Role { get; set; }

    /// <summary>State of PostgreSQL.</summary>
    /// <value>Default: <c>running</c>.</value>
    public string State { get; set; } = "running";

    /// <summary>State of replication of a replica.</summary>
    /// <value>Default: <c>streaming</c>.</value>
    public string? ReplicationState { get; set; } = "streaming";

    /// <summary>Bytes behind the leader; null is shown as <c>unknown</c>.</summary>
    /// <value>Default: 0.</value>
    public long? Lag { get; set; } = 0;

    /// <summary>Timeline.</summary>
    /// <value>Default: 1.</value>
    public long Timeline { get; set; } = 1;

    /// <summary>Whether settings wait for a restart.</summary>
    public bool PendingRestart { get; set; }

    /// <summary>How often PostgreSQL was restarted.</summary>
    public int Restarts { get; set; }

    /// <summary>Tags.</summary>
    public JsonObject Tags { get; } = [];
}
