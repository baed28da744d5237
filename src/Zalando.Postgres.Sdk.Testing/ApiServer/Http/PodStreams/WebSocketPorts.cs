using System.Globalization;
using System.IO.Pipelines;
using System.Net.WebSockets;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Zalando.Postgres.Sdk.Testing.ApiServer.Storage;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Http.PodStreams;

/// <summary>Port forwarding over a web socket: the n-th port of the query has channel 2n for data and 2n+1 for its error, and each channel begins with the number
/// of the port in two bytes, the lower one first. A channel is one connection.</summary>
internal static class WebSocketPorts
{
    private const string Protocol = "v4.channel.k8s.io";
    private const int MostPorts = 100;

    public static bool IsWanted(HttpContext http) => http.WebSockets.IsWebSocketRequest && http.WebSockets.WebSocketRequestedProtocols.Contains(Protocol);

    public static async Task AnswerAsync(HttpContext http, JsonObject pod, IPodRuntime runtime)
    {
        var texts = http.Request.Query["ports"].SelectMany(static p => (p ?? "").Split(',')).ToArray();
        if (texts is [] or [""]) throw StatusErrors.BadRequest("query parameter \"ports\" is required");
        if (texts.Length > MostPorts) throw StatusErrors.BadRequest($"{texts.Length.ToString(CultureInfo.InvariantCulture)} ports are too many");
        if (texts.FirstOrDefault(static t => PodPortForwarding.Port(t) == 0) is { } wrong) throw StatusErrors.BadRequest($"'{wrong}' is no port");
        using var socket = await http.WebSockets.AcceptWebSocketAsync(Protocol).ConfigureAwait(false);
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        using var sending = new SemaphoreSlim(1, 1);
        var inputs = texts.Select(static _ => new Pipe()).ToArray();
        var receiving = ReceiveAsync(socket, inputs, gone);
        try
        {
            await Task.WhenAll(texts.Select((t, i) => ForwardAsync(t, i))).ConfigureAwait(false);
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, gone.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is WebSocketException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            // The client has gone.
        }

        await gone.CancelAsync().ConfigureAwait(false);
        await receiving.ConfigureAwait(false);

        async Task ForwardAsync(string text, int index)
        {
            var port = PodPortForwarding.Port(text);
            var data = new WebSocketChannel(socket, (byte)(2 * index), sending);
            var error = new WebSocketChannel(socket, (byte)((2 * index) + 1), sending);
            await data.WriteAsync((byte[])[(byte)port, (byte)(port >> 8)], gone.Token).ConfigureAwait(false);
            await error.WriteAsync((byte[])[(byte)port, (byte)(port >> 8)], gone.Token).ConfigureAwait(false);
            await PodPortForwarding.CarryAsync(runtime, pod.CopyObject(), port, text, inputs[index].Reader.AsStream(), data, error, gone.Token).ConfigureAwait(false);
        }
    }

    private static async Task ReceiveAsync(WebSocket socket, Pipe[] inputs, CancellationTokenSource gone)
    {
        try
        {
            await foreach (var (channel, bytes) in WebSocketChannel.ReadAsync(socket, gone.Token).ConfigureAwait(false))
                if (channel % 2 == 0 && channel / 2 < inputs.Length) await inputs[channel / 2].Writer.WriteAsync(bytes, gone.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or InvalidOperationException)
        {
            // The client has gone without a word, or everything has been said.
        }

        // There is no other way to end a connection in this protocol than to close the web socket, so an end of the input alone is the end of all.
        await gone.CancelAsync().ConfigureAwait(false);
        foreach (var input in inputs) await input.Writer.CompleteAsync().ConfigureAwait(false);
    }
}
