using System.IO.Pipelines;
using System.Net.WebSockets;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Zalando.Postgres.Sdk.Testing.ApiServer.Storage;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Http.PodStreams;

/// <summary>Exec over a web socket: the first byte of a message is its channel: 0 input, 1 output, 2 error output, 3 the final Status, 255 (v5) the end of a
/// channel.</summary>
internal sealed class WebSocketExecChannels : ExecChannels
{
    private readonly WebSocket _socket;
    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly CancellationTokenSource _gone;
    private readonly CancellationToken _aborted;
    private readonly Pipe _input = new();
    private readonly Task _receiving;

    private WebSocketExecChannels(WebSocket socket, ExecStreamSelection wanted, CancellationToken aborted)
    {
        _socket = socket;
        _aborted = aborted;
        _gone = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        Input = wanted.Input ? _input.Reader.AsStream() : null;
        Output = wanted.Output ? new WebSocketChannel(socket, 1, _sending) : null;
        Error = wanted.Error ? new WebSocketChannel(socket, 2, _sending) : null;
        _receiving = ReceiveAsync();
    }

    public override Stream? Input { get; }

    public override Stream? Output { get; }

    public override Stream? Error { get; }

    public override CancellationToken Gone => _gone.Token;

    public static async Task<ExecChannels> AcceptAsync(HttpContext http, ExecStreamSelection wanted)
    {
        var protocol = http.WebSockets.WebSocketRequestedProtocols.FirstOrDefault(static p => p is "v5.channel.k8s.io" or "v4.channel.k8s.io")
            ?? throw StatusErrors.BadRequest("unable to upgrade: no supported protocol was offered; use v5.channel.k8s.io or v4.channel.k8s.io");
        return new WebSocketExecChannels(await http.WebSockets.AcceptWebSocketAsync(protocol).ConfigureAwait(false), wanted, http.RequestAborted);
    }

    public override async Task FinishAsync(JsonObject status)
    {
        try
        {
            await new WebSocketChannel(_socket, 3, _sending).WriteAsync(JsonText.Write(status), _aborted).ConfigureAwait(false);
            await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, _aborted).ConfigureAwait(false);
            await _receiving.ConfigureAwait(false);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException)
        {
            // The client closed first.
        }
    }

    public override ValueTask DisposeAsync()
    {
        _gone.Dispose();
        _sending.Dispose();
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task ReceiveAsync()
    {
        try
        {
            await foreach (var (channel, bytes) in WebSocketChannel.ReadAsync(_socket, _gone.Token).ConfigureAwait(false))
            {
                if (channel == 0) await _input.Writer.WriteAsync(bytes, _gone.Token).ConfigureAwait(false);
                else if (channel == 255 && bytes.Span is [0]) await _input.Writer.CompleteAsync().ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or InvalidOperationException)
        {
            await _gone.CancelAsync().ConfigureAwait(false);
        }

        await _input.Writer.CompleteAsync().ConfigureAwait(false);
    }
}
