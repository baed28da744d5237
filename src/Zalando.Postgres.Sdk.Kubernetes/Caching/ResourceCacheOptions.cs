using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Zalando.Postgres.Sdk.Kubernetes.Caching;

/// <summary>What a cache holds, and how it keeps up.</summary>
/// <typeparam name="T">What the cache holds.</typeparam>
public sealed record ResourceCacheOptions<T>
    where T : class
{
    /// <summary>Namespace to watch; null for all.</summary>
    public string? Namespace { get; init; }

    /// <summary>Only objects with these labels; null for all.</summary>
    public string? LabelSelector { get; init; }

    /// <summary>Only objects with these fields; null for all.</summary>
    public string? FieldSelector { get; init; }

    /// <summary>
    /// What to keep of an object: leave out what nobody reads, and the cache needs that much less memory. Name, namespace, uid and resource version
    /// must stay. Null for everything except <c>metadata.managedFields</c>.
    /// </summary>
    public Func<T, T>? Projection { get; init; }

    /// <summary>Named indexes: each gives the values under which <see cref="ResourceCache{T}.ByIndex"/> finds an object. <value>none</value></summary>
    public IReadOnlyDictionary<string, Func<T, IEnumerable<string>>> Indexes { get; init; } = new Dictionary<string, Func<T, IEnumerable<string>>>(StringComparer.Ordinal);

    /// <summary>Objects per page of a list. <value>500</value></summary>
    public int PageSize { get; init; } = 500;

    /// <summary>Pause after the first failure; doubles up to <see cref="LongestBackoff"/>, spread at random. <value>500 milliseconds</value></summary>
    public TimeSpan Backoff { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>See <see cref="Backoff"/>. <value>30 seconds</value></summary>
    public TimeSpan LongestBackoff { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The clock for pauses. <value>the system's</value></summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Random numbers in [0, 1) that spread pauses, so that many watches that died together do not come back together. <value>the process-wide generator</value></summary>
    public Func<double> Random { get; init; } = System.Random.Shared.NextDouble;

    /// <summary>Where the cache logs. <value>nowhere</value></summary>
    public ILogger Logger { get; init; } = NullLogger.Instance;
}
