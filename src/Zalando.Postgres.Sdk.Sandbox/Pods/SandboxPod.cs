using System.Net;

namespace Zalando.Postgres.Sdk.Sandbox.Pods;

/// <summary>A pod of the sandbox, as it was when asked.</summary>
public sealed record SandboxPod
{
    /// <summary>Namespace of the pod.</summary>
    public required string Namespace { get; init; }

    /// <summary>Name of the pod.</summary>
    public required string Name { get; init; }

    /// <summary>Node it was given to.</summary>
    public required string Node { get; init; }

    /// <summary>Its own loopback address; no other pod has had it.</summary>
    public required IPAddress Address { get; init; }

    /// <summary><c>Pending</c>, <c>Running</c>, <c>Succeeded</c> or <c>Failed</c>.</summary>
    public required string Phase { get; init; }

    /// <summary>Whether it is ready.</summary>
    public required bool Ready { get; init; }

    /// <summary>How often its container was started again.</summary>
    public required int Restarts { get; init; }

    /// <summary>Directory with its sockets: <c>psql -h DIRECTORY</c> is let in without a password.</summary>
    public required string SocketDirectory { get; init; }

    /// <summary>Process ids of all its processes, that of the program (Patroni, PgBouncer) first; empty when none runs.</summary>
    public required IReadOnlyList<int> ProcessIds { get; init; }
}
