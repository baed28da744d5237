using System.Net.WebSockets;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Http.PodStreams;

/// <summary>Writes messages whose first byte is the number of a channel. All channels of a web socket share the semaphore.</summary>
internal sealed class WebSocketChannel(WebSocket socket, byte channel, SemaphoreSlim sending) : WriteOnlyStream
{
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.Length == 0) return;
        var frame = new byte[buffer.Length + 1];
        frame[0] = channel;
        buffer.CopyTo(frame.AsMemory(1));
        await sending.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await socket.SendAsync(frame, WebSocketMessageType.Binary, true, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            sending.Release();
        }
    }
}
