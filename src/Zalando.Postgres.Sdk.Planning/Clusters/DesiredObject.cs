using System.Text.Json;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning.Json;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Planning;

/// <summary>An object that a cluster should have, as it would be sent.</summary>
public sealed record DesiredObject
{
    /// <summary>Kind of the object.</summary>
    public required KubernetesKind Kind { get; init; }

    /// <summary>The whole object. Bodies of Secrets hold passwords.</summary>
    public required JsonObject Body { get; init; }

    /// <summary>Where in a pass it belongs.</summary>
    public required ChangeStage Stage { get; init; }

    /// <summary>Why it exists, as a sentence.</summary>
    public required string Purpose { get; init; }

    /// <summary>Who asked for it.</summary>
    public Requester RequestedBy { get; init; } = Requester.Operator;

    /// <summary>Name of the object.</summary>
    public string Name => Body.Text("metadata", "name") ?? "";

    /// <summary>Namespace of the object.</summary>
    public string Namespace => Body.Text("metadata", "namespace") ?? "";

    /// <summary>Its key among observed objects.</summary>
    public ObjectKey Key => ObjectKey.Of(Kind, Namespace, Name);

    internal static DesiredObject Of<T>(T item, ChangeStage stage, string purpose, Requester requestedBy = Requester.Operator)
        where T : class, IKubernetesObject<T> => new()
        {
            Kind = T.Descriptor,
            Body = (JsonObject)JsonSerializer.SerializeToNode(item, T.JsonTypeInfo)!,
            Stage = stage,
            Purpose = purpose,
            RequestedBy = requestedBy,
        };
}
