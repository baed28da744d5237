using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Zalando.Postgres.Sdk.Kubernetes.Leadership;

/// <summary>Which lease decides, and how fast.</summary>
public sealed record LeaseElectionOptions
{
    /// <summary>Namespace of the lease.</summary>
    public required string Namespace { get; init; }

    /// <summary>Name of the lease; all candidates use the same one.</summary>
    public required string Name { get; init; }

    /// <summary>This candidate: unique among all that run, also across restarts if two may overlap (pod name and a random part).</summary>
    public required string Identity { get; init; }

    /// <summary>How long the others wait after they last saw a renewal. <value>15 seconds</value></summary>
    public TimeSpan LeaseDuration { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a leader goes on after the start of its last successful renewal; shorter than <see cref="LeaseDuration"/>. <value>10 seconds</value></summary>
    public TimeSpan RenewDeadline { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Time between tries to get or renew the lease, spread by a fifth. <value>2 seconds</value></summary>
    public TimeSpan RetryPeriod { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The clock; only its monotonic side decides, the wall clock is written for people. <value>the system's</value></summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Random numbers in [0, 1) that spread the tries. <value>the process-wide generator</value></summary>
    public Func<double> Random { get; init; } = System.Random.Shared.NextDouble;

    /// <summary>Where the election logs. <value>nowhere</value></summary>
    public ILogger Logger { get; init; } = NullLogger.Instance;
}
