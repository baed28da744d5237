using System.Net;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Sandbox.Pods;

/// <summary>What a program of a pod is made from.</summary>
internal sealed record PodContext
{
    public required Pod Pod { get; init; }

    public required Container Container { get; init; }

    public required IPAddress Address { get; init; }

    /// <summary>Resolved variables of the container.</summary>
    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    public required PodVolumes Volumes { get; init; }

    /// <summary>A short directory of the pod, for sockets and generated files.</summary>
    public required string RunDirectory { get; init; }

    public string Namespace => Pod.Metadata.Namespace ?? string.Empty;

    public string Name => Pod.Metadata.Name ?? string.Empty;
}
