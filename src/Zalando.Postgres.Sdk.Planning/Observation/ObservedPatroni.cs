using System.Text.Json.Nodes;

namespace Zalando.Postgres.Sdk.Planning;

/// <summary>What Patroni of a cluster says.</summary>
public sealed record ObservedPatroni
{
    /// <summary>The members by pod name; a pod without an entry did not answer.</summary>
    public IReadOnlyList<ObservedMember> Members { get; init; } = [];

    /// <summary>The dynamic configuration (<c>GET /config</c>); null when no member answered.</summary>
    public JsonObject? Configuration { get; init; }

    /// <summary>Whether automatic failover is paused.</summary>
    public bool Paused { get; init; }
}
