using System.Text.Json.Serialization.Metadata;

namespace Zalando.Postgres.Sdk.Resources.Kubernetes;

/// <summary>A kind whose type knows its own descriptor and JSON contract, so that generic code needs no reflection.</summary>
/// <typeparam name="TSelf">The kind itself.</typeparam>
public interface IKubernetesObject<TSelf> : IKubernetesObject
    where TSelf : class, IKubernetesObject<TSelf>
{
    /// <summary>Where the kind is served.</summary>
    static abstract KubernetesKind Descriptor { get; }

    /// <summary>Source-generated JSON contract of the kind.</summary>
    static abstract JsonTypeInfo<TSelf> JsonTypeInfo { get; }

    /// <summary>A copy with other metadata.</summary>
    /// <param name="metadata">The metadata of the copy.</param>
    TSelf WithMetadata(ObjectMeta metadata);
}
