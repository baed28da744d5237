using Microsoft.Extensions.Logging;
using Zalando.Postgres.Sdk.Sandbox.Spilo;

namespace Zalando.Postgres.Sdk.Sandbox;

/// <summary>How a sandbox is set up. No option changes what a manifest says: they fill in what it leaves open.</summary>
public sealed record SandboxOptions
{
    /// <summary>Directory for data, sockets and configuration. Must be empty or absent, and short (Unix sockets live below it).</summary>
    /// <value>Default: a new directory below the directory for temporary files.</value>
    public string? Directory { get; init; }

    /// <summary>Whether the directory stays when the sandbox ends, for a look at what happened. It cannot be started again from.</summary>
    /// <value>Default false.</value>
    public bool KeepData { get; init; }

    /// <summary>Port of the Kubernetes API on 127.0.0.1; 0 for a free one.</summary>
    /// <value>Default 0.</value>
    public int ApiPort { get; init; }

    /// <summary>How many nodes the cluster shows. All are this machine; pods are spread over them, and a cordoned one gets none.</summary>
    /// <value>Default 2.</value>
    public int Nodes { get; init; } = 2;

    /// <summary>Patroni's times where the manifest says nothing: shorter than on a real cluster, so that a failover can be watched.</summary>
    public PatroniTiming PatroniTiming { get; init; } = new();

    /// <summary>When a crashed container starts again.</summary>
    public RestartBackOff RestartBackOff { get; init; } = new();

    /// <summary>Whether PostgreSQL waits for its disk (<c>fsync</c>).</summary>
    /// <value>Default true. False is faster, and loses data when the machine itself crashes; killed processes lose nothing.</value>
    public bool SynchronousDisk { get; init; } = true;

    /// <summary>How long pods get for a clean stop when the sandbox ends; zero kills them at once.</summary>
    /// <value>Default 10 s.</value>
    public TimeSpan StopGrace { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The programs to run.</summary>
    /// <value>Default: <see cref="SandboxPrograms.Find"/>.</value>
    public SandboxPrograms? Programs { get; init; }

    /// <summary>The clock.</summary>
    /// <value>Default: the system's. Processes know no other.</value>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Where the API server logs; null for nowhere.</summary>
    public ILoggerFactory? LoggerFactory { get; init; }
}
