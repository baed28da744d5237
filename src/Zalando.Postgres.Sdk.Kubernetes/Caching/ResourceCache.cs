using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Kubernetes.Client;
using Zalando.Postgres.Sdk.Kubernetes.Transport;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Kubernetes.Caching;

/// <summary>Makes caches.</summary>
public static class ResourceCache
{
    /// <summary>A cache of a kind that has a type.</summary>
    /// <typeparam name="T">The kind.</typeparam>
    /// <param name="client">The server.</param>
    /// <param name="options">What to hold; null for everything.</param>
    public static ResourceCache<T> Create<T>(IKubernetesClient client, ResourceCacheOptions<T>? options = null)
        where T : class, IKubernetesObject<T>
    {
        ArgumentNullException.ThrowIfNull(client);
        options ??= new ResourceCacheOptions<T>();
        return new ResourceCache<T>(
            new ResourceSource<T>(
                ObjectContract.Of<T>(),
                (list, cancellationToken) => client.ListPagesAsync<T>(options.Namespace, list, cancellationToken),
                (watch, cancellationToken) => client.WatchAsync<T>(options.Namespace, watch, cancellationToken),
                static value => value.Metadata.ManagedFields is null ? value : value.WithMetadata(value.Metadata with { ManagedFields = null })),
            options);
    }

    /// <summary>A cache of any kind, as JSON. The objects are shared: do not change them.</summary>
    /// <param name="client">The server.</param>
    /// <param name="kind">The kind.</param>
    /// <param name="options">What to hold; null for everything.</param>
    public static ResourceCache<JsonObject> Create(IKubernetesClient client, KubernetesKind kind, ResourceCacheOptions<JsonObject>? options = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(kind);
        options ??= new ResourceCacheOptions<JsonObject>();
        return new ResourceCache<JsonObject>(
            new ResourceSource<JsonObject>(
                ObjectContract.Of(kind),
                (list, cancellationToken) => client.ListPagesAsync(kind, options.Namespace, list, cancellationToken),
                (watch, cancellationToken) => client.WatchAsync(kind, options.Namespace, watch, cancellationToken),
                static value =>
                {
                    (value["metadata"] as JsonObject)?.Remove("managedFields");
                    return value;
                }),
            options);
    }
}
