using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Zalando.Postgres.Sdk.Kubernetes.Client;

/// <summary>How a client behaves. Where the server is and who calls is in <see cref="Configuration.KubernetesClientConfiguration"/>.</summary>
public sealed record KubernetesClientOptions
{
    /// <summary>Name under which the server notes field ownership, unless a call says otherwise. <value>postgres-operator</value></summary>
    public string FieldManager { get; init; } = "postgres-operator";

    /// <summary>Name of the program in the server's logs. <value>zalando-postgres-sdk</value></summary>
    public string UserAgent { get; init; } = "zalando-postgres-sdk";

    /// <summary>How long one try may take. <value>15 seconds</value></summary>
    public TimeSpan AttemptTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a call may take, with all its tries and pauses. <value>30 seconds</value></summary>
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long one page of a list may take, with all its tries. <value>60 seconds</value></summary>
    public TimeSpan ListPageTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>After how long the server is asked to end a watch, at least; the actual time is spread between this and <see cref="LongestWatch"/>. <value>5 minutes</value></summary>
    public TimeSpan ShortestWatch { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>See <see cref="ShortestWatch"/>. <value>10 minutes</value></summary>
    public TimeSpan LongestWatch { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How much longer than asked a watch may stay open before it counts as dead. <value>30 seconds</value></summary>
    public TimeSpan WatchGrace { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often a call is tried again after a failure that may pass. <value>4</value></summary>
    public int MaximumRetries { get; init; } = 4;

    /// <summary>Pause before the first retry; doubles each time, spread at random. A server's <c>Retry-After</c> counts more. <value>200 milliseconds</value></summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>How many requests may run at a time, watches and log streams aside. <value>32</value></summary>
    public int MaximumRequests { get; init; } = 32;

    /// <summary>How many of them may have priority <see cref="RequestPriority.Background"/>. <value>4</value></summary>
    public int MaximumBackgroundRequests { get; init; } = 4;

    /// <summary>How many of them only priority <see cref="RequestPriority.High"/> may use. <value>4</value></summary>
    public int ReservedRequests { get; init; } = 4;

    /// <summary>Bytes of one object, event or error; more is an error for that object. <value>16 MiB</value> (etcd takes 1.5 MiB by default)</summary>
    public int MaximumObjectSize { get; init; } = 16 * 1024 * 1024;

    /// <summary>Bytes of one page of a list. <value>256 MiB</value></summary>
    public int MaximumPageSize { get; init; } = 256 * 1024 * 1024;

    /// <summary>The clock. <value>the system's</value></summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Random numbers in [0, 1) that spread retries and watches. <value>the process-wide generator</value></summary>
    public Func<double> Random { get; init; } = System.Random.Shared.NextDouble;

    /// <summary>Where the client logs. <value>nowhere</value></summary>
    public ILogger Logger { get; init; } = NullLogger.Instance;
}
