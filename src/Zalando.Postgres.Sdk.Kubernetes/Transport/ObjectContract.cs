using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Kubernetes.Transport;

/// <summary>What the client must know of a type to read and write it: where it is served, its JSON contract, and how to find its identity.</summary>
internal sealed record ObjectContract<T>(KubernetesKind Kind, JsonTypeInfo<T> JsonTypeInfo, Func<T, ObjectIdentity> Identify)
    where T : class;

internal static class ObjectContract
{
    public static ObjectContract<T> Of<T>()
        where T : class, IKubernetesObject<T> =>
        new(T.Descriptor, T.JsonTypeInfo, static value => new ObjectIdentity(value.Metadata.Namespace, value.Metadata.Name, value.Metadata.Uid, value.Metadata.ResourceVersion));

    public static ObjectContract<JsonObject> Of(KubernetesKind kind) => new(kind, KubernetesJsonContext.Default.JsonObject, ObjectIdentity.Of);
}
