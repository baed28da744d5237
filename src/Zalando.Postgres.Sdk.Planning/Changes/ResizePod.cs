using System.Text.Json.Nodes;

namespace Zalando.Postgres.Sdk.Planning;

/// <summary>Gives the containers of a running pod other amounts of cpu and memory. The pod keeps running. A server that refuses it is noted on the pod, and then the pod is made again.</summary>
public sealed record ResizePod : PlannedChange
{
    /// <summary>The uid of the pod.</summary>
    public string? Uid { get; init; }

    /// <summary>Whether the pod is the primary.</summary>
    public bool IsPrimary { get; init; }

    /// <summary>The amounts (<c>requests</c> and <c>limits</c>), by name of the container.</summary>
    public required IReadOnlyDictionary<string, JsonObject> Resources { get; init; }
}
