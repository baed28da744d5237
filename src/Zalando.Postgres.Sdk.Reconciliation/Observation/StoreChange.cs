using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Reconciliation.Observation;

/// <summary>One change of the <see cref="ObjectStore"/>.</summary>
/// <param name="Kind">Kind of the object.</param>
/// <param name="Previous">The state before; null when it is new.</param>
/// <param name="Current">The state now; null when it is gone.</param>
public sealed record StoreChange(KubernetesKind Kind, JsonObject? Previous, JsonObject? Current)
{
    /// <summary>The state now, or the last one of an object that is gone.</summary>
    public JsonObject Object => Current ?? Previous!;
}
