using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Zalando.Postgres.Sdk.Kubernetes.Telemetry;

/// <summary>Names of what this package reports: traces and metrics under <see cref="Name"/>. Tags are bounded: never a name of an object, never a value of one.</summary>
public static class KubernetesTelemetry
{
    /// <summary>Name of the <see cref="ActivitySource"/> and of the <see cref="Meter"/>.</summary>
    public const string Name = "Zalando.Postgres.Sdk";

    /// <summary>Histogram, seconds: one call with all its tries; of a watch or log, until it is open. Tags <c>verb</c>, <c>resource</c>, <c>status</c>.</summary>
    public const string RequestDuration = "kubernetes.client.request.duration";

    /// <summary>Counter: tries after the first. Tags <c>verb</c>, <c>resource</c>.</summary>
    public const string RequestRetries = "kubernetes.client.request.retries";

    /// <summary>Histogram, seconds: how long a call waited for a slot. Tag <c>priority</c>.</summary>
    public const string SlotWait = "kubernetes.client.slot.wait";

    /// <summary>Counter: events of watches. Tags <c>resource</c>, <c>type</c>.</summary>
    public const string WatchEvents = "kubernetes.client.watch.events";

    /// <summary>Counter: complete lists by caches, first ones included. Tag <c>resource</c>.</summary>
    public const string CacheLists = "kubernetes.cache.lists";

    /// <summary>Counter: watches that a cache opened. Tags <c>resource</c>, <c>outcome</c> of the one before.</summary>
    public const string CacheWatches = "kubernetes.cache.watches";

    internal static ActivitySource Activities { get; } = new(Name);

    internal static Meter Meter { get; } = new(Name);

    internal static Histogram<double> RequestDurations { get; } = Meter.CreateHistogram<double>(RequestDuration, "s", "Calls to the API server, with all tries.");

    internal static Counter<long> Retries { get; } = Meter.CreateCounter<long>(RequestRetries, "{try}", "Tries after the first.");

    internal static Histogram<double> SlotWaits { get; } = Meter.CreateHistogram<double>(SlotWait, "s", "Waiting for a request slot.");

    internal static Counter<long> Events { get; } = Meter.CreateCounter<long>(WatchEvents, "{event}", "Events of watches.");

    internal static Counter<long> Lists { get; } = Meter.CreateCounter<long>(CacheLists, "{list}", "Complete lists by caches.");

    internal static Counter<long> Watches { get; } = Meter.CreateCounter<long>(CacheWatches, "{watch}", "Watches opened by caches.");
}
