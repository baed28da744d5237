using Zalando.Postgres.Sdk.Kubernetes.Client;

namespace Zalando.Postgres.Sdk.Kubernetes.Caching;

/// <summary>A change in a cache.</summary>
/// <typeparam name="T">What the cache holds.</typeparam>
public sealed record CacheEvent<T>
    where T : class
{
    /// <summary>What happened.</summary>
    public required CacheEventType Type { get; init; }

    /// <summary>Namespace of the object; null for kinds without one.</summary>
    public string? Namespace { get; init; }

    /// <summary>Name of the object; empty for <see cref="CacheEventType.InitialListComplete"/> and for unreadable objects without a name.</summary>
    public string Name { get; init; } = "";

    /// <summary>The new state, or the last known one of a deleted object (null when it was never readable).</summary>
    public T? Object { get; init; }

    /// <summary>The state that the subscriber was told before; null for additions.</summary>
    public T? Previous { get; init; }

    /// <summary>Why an object cannot be read.</summary>
    public UnreadableObject? Unreadable { get; init; }
}
