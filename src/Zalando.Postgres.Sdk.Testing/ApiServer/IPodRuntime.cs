using System.Text.Json.Nodes;

namespace Zalando.Postgres.Sdk.Testing.ApiServer;

/// <summary>What runs the pods, for the subresources that reach into them. Without one, <c>log</c> and <c>exec</c> are refused.</summary>
public interface IPodRuntime
{
    /// <summary>Opens the log of a container. The server disposes the stream; with <see cref="PodLogRequest.Follow"/> it ends when the container ends.</summary>
    /// <exception cref="ApiStatusException">The container is unknown or does not run.</exception>
    Task<Stream> OpenLogAsync(JsonObject pod, PodLogRequest request, CancellationToken cancellationToken);

    /// <summary>Runs a command in a container until it ends, and returns its exit code.</summary>
    /// <exception cref="ApiStatusException">The container is unknown or does not run.</exception>
    Task<int> ExecAsync(JsonObject pod, PodExecRequest request, CancellationToken cancellationToken);
}
