using System.Text.Json.Serialization;
using Zalando.Postgres.Sdk.Planning.Json;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Planning;

/// <summary>Deletes a Kubernetes object. That it is gone already (404) is success.</summary>
public sealed record DeleteObject : PlannedChange
{
    /// <summary>Kind of the object.</summary>
    [JsonConverter(typeof(KubernetesKindJsonConverter))]
    public required KubernetesKind Kind { get; init; }

    /// <summary>What happens to the objects that it owns.</summary>
    /// <value>Default: <see cref="DeletionPropagation.Background"/>.</value>
    public DeletionPropagation Propagation { get; init; } = DeletionPropagation.Background;

    /// <summary>The <c>uid</c> it must have; null for whatever has the name.</summary>
    public string? Uid { get; init; }
}
