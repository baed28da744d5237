using System.Text.Json.Nodes;

namespace Zalando.Postgres.Sdk.Testing.ApiServer;

/// <summary>What runs the pods, for the subresources that reach into them. Without one, <c>log</c>, <c>exec</c> and <c>portforward</c> are refused.</summary>
public interface IPodRuntime
{
    /// <summary>Opens the log of a container. The server disposes the stream; with <see cref="PodLogRequest.Follow"/> it ends when the container ends.</summary>
    /// <exception cref="ApiStatusException">The container is unknown or does not run.</exception>
    Task<Stream> OpenLogAsync(JsonObject pod, PodLogRequest request, CancellationToken cancellationToken);

    /// <summary>Runs a command in a container until it ends, and returns its exit code.</summary>
    /// <exception cref="ApiStatusException">The container is unknown or does not run.</exception>
    Task<int> ExecAsync(JsonObject pod, PodExecRequest request, CancellationToken cancellationToken);

    /// <summary>Connects to a port of a pod. The server disposes the stream. Default: refused.</summary>
    /// <exception cref="ApiStatusException">The pod does not run, or nothing listens there.</exception>
    Task<Stream> OpenPortAsync(JsonObject pod, int port, CancellationToken cancellationToken) =>
        throw new ApiStatusException(400, "BadRequest", "the pods of this server have no ports");
}
