using System.Text.Json.Nodes;

namespace Zalando.Postgres.Sdk.Planning;

/// <summary>Changes Patroni's dynamic configuration (<c>PATCH /config</c>): null removes a key. The target is Patroni of the cluster.</summary>
public sealed record PatchPatroniConfiguration : PlannedChange
{
    /// <summary>The patch; only keys that change.</summary>
    public required JsonObject Patch { get; init; }
}
