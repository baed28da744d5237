using System.Net;
using Zalando.Postgres.Sdk.Sandbox.Processes;

namespace Zalando.Postgres.Sdk.Sandbox.Pods;

/// <summary>What is to be started for a container.</summary>
internal sealed record PodProgram
{
    /// <summary>The command with its environment.</summary>
    public required ContainerCommand Command { get; init; }

    /// <summary>Environment for commands run by <c>exec</c>.</summary>
    public required IReadOnlyDictionary<string, string> ExecEnvironment { get; init; }

    /// <summary>Translates a word of a command: paths of the container in it become paths of this machine.</summary>
    public required Func<string, string> MapWord { get; init; }

    /// <summary>A port that answers as soon as the program has started; the container counts as started then, when the pod has no readiness probe of its own.</summary>
    public required IPEndPoint StartedWhenListening { get; init; }

    /// <summary>What differs from a real cluster, one sentence each.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Data directory of PostgreSQL; null for other programs.</summary>
    public string? DataDirectory { get; init; }
}
