using System.Text.Json.Nodes;

namespace Zalando.Postgres.Sdk.Patroni;

/// <summary>Answer of <c>GET /cluster</c>.</summary>
public sealed record PatroniCluster
{
    /// <summary>Name of the cluster (scope); null in versions that do not say.</summary>
    public string? Scope { get; init; }

    /// <summary>The members, ordered by name.</summary>
    public IReadOnlyList<PatroniMember> Members { get; init; } = [];

    /// <summary>Whether automatic failover is paused.</summary>
    public bool Paused { get; init; }

    /// <summary>The scheduled switchover; null without one.</summary>
    public ScheduledSwitchover? ScheduledSwitchover { get; init; }

    /// <summary>The whole answer, with what this version of the client does not know.</summary>
    public JsonObject Json { get; init; } = [];

    /// <summary>The member with the leader lock; null when there is none.</summary>
    public PatroniMember? Leader => Members.FirstOrDefault(m => m.Role.IsLeader);

    /// <summary>A member by name; null when it is not in the cluster.</summary>
    /// <param name="name">Its name, which is that of its pod.</param>
    public PatroniMember? Find(string name) => Members.FirstOrDefault(m => m.Name == name);
}
