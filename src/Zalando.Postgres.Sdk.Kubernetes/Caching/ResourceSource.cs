using Zalando.Postgres.Sdk.Kubernetes.Client;
using Zalando.Postgres.Sdk.Kubernetes.Transport;

namespace Zalando.Postgres.Sdk.Kubernetes.Caching;

/// <summary>Where a cache gets its objects from: the same for typed and untyped kinds.</summary>
internal sealed record ResourceSource<T>(
    ObjectContract<T> Contract,
    Func<ListOptions, CancellationToken, IAsyncEnumerable<KubernetesListPage<T>>> List,
    Func<WatchOptions, CancellationToken, IAsyncEnumerable<WatchEvent<T>>> Watch,
    Func<T, T> DefaultProjection)
    where T : class;
