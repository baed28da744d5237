using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Zalando.Postgres.Sdk.Testing.ApiServer.Http.Spdy;
using Zalando.Postgres.Sdk.Testing.ApiServer.Storage;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Http.PodStreams;

/// <summary>Carries connections of a client to ports of a pod: over SPDY, per connection a stream <c>data</c> and a stream <c>error</c> with the same request id,
/// or over a web socket. Clients that offer SPDY inside of a web socket come back with SPDY when that is refused.</summary>
internal static class PodPortForwarding
{
    private const string Use = "portforward.k8s.io";

    public static async Task AnswerAsync(HttpContext http, JsonObject pod, IPodRuntime? runtime)
    {
        if (runtime is null) throw StatusErrors.BadRequest($"pod {pod.Name()} cannot be connected to: no pod runtime is attached to this server");
        if (WebSocketPorts.IsWanted(http))
        {
            await WebSocketPorts.AnswerAsync(http, pod, runtime).ConfigureAwait(false);
            return;
        }

        if (!SpdyUpgrade.IsWanted(http)) throw StatusErrors.BadRequest("Upgrade request required");
        var connection = await SpdyUpgrade.AcceptAsync(http, Use).ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
        {
            using var gone = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
            var running = RunAsync(connection, gone);
            var waiting = new Dictionary<string, SpdyStream>(StringComparer.Ordinal);
            var open = new List<Task>();
            await foreach (var stream in connection.Accepted.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
            {
                var request = stream.Headers.GetValueOrDefault("requestID") ?? "";
                if (!waiting.Remove(request, out var other))
                {
                    waiting[request] = stream;
                    continue;
                }

                var isData = stream.Headers.GetValueOrDefault("streamType") == "data";
                open.RemoveAll(static task => task.IsCompleted);
                open.Add(ForwardAsync(runtime, pod.CopyObject(), isData ? stream : other, isData ? other : stream, gone.Token));
            }

            await running.ConfigureAwait(false);
            await Task.WhenAll(open).ConfigureAwait(false);
        }
    }

    private static async Task RunAsync(SpdyConnection connection, CancellationTokenSource gone)
    {
        await connection.RunAsync(gone.Token).ConfigureAwait(false);
        await gone.CancelAsync().ConfigureAwait(false);
    }

    private static async Task ForwardAsync(IPodRuntime runtime, JsonObject pod, SpdyStream data, SpdyStream error, CancellationToken gone)
    {
        try
        {
            await CarryOverSpdyAsync(runtime, pod, data, error, gone).ConfigureAwait(false);
            await data.EndAsync(gone).ConfigureAwait(false);
            await error.EndAsync(gone).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // The client has gone.
        }
    }

    private static async Task CarryOverSpdyAsync(IPodRuntime runtime, JsonObject pod, SpdyStream data, SpdyStream error, CancellationToken gone)
    {
        var text = data.Headers.GetValueOrDefault("port");
        await CarryAsync(runtime, pod, Port(text), text, data.Input, data.Output, error.Output, gone).ConfigureAwait(false);
    }

    /// <summary>The number of a port; 0 for a text that is none.</summary>
    public static int Port(string? text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is >= 1 and <= 65535 ? port : 0;

    /// <summary>Carries one connection until the pod closes it. Why it cannot be made goes to the error stream.</summary>
    public static async Task CarryAsync(IPodRuntime runtime, JsonObject pod, int port, string? text, Stream input, Stream output, Stream error, CancellationToken gone)
    {
        Stream target;
        try
        {
            if (port == 0) throw new ApiStatusException(400, "BadRequest", $"'{text}' is no port");
            target = await runtime.OpenPortAsync(pod, port, gone).ConfigureAwait(false);
        }
        catch (ApiStatusException e)
        {
            await error.WriteAsync(Encoding.UTF8.GetBytes($"error forwarding port {text} to pod {pod.Name()}: {e.Message}"), gone).ConfigureAwait(false);
            return;
        }

        await using (target.ConfigureAwait(false))
        {
            // The answer may still come when the client has sent everything; when the pod has closed, however it did, nothing more can be sent.
            var sending = CopyAsync(input, target, gone);
            await CopyAsync(target, output, gone).ConfigureAwait(false);
            await Task.WhenAny(sending, Task.CompletedTask).ConfigureAwait(false);
        }
    }

    private static async Task CopyAsync(Stream from, Stream to, CancellationToken gone)
    {
        try
        {
            await from.CopyToAsync(to, gone).ConfigureAwait(false);
            if (to is NetworkStream network) network.Socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // One of both ends has closed.
        }
    }
}
