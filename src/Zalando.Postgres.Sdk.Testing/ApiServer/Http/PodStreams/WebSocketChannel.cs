using System.Net.WebSockets;
using System.Runtime.CompilerServices;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Http.PodStreams;

/// <summary>Reads and writes messages whose first byte is the number of a channel. All channels of a web socket share the semaphore.</summary>
internal sealed class WebSocketChannel(WebSocket socket, byte channel, SemaphoreSlim sending) : WriteOnlyStream
{
    private const int LargestPiece = 32768;

    /// <summary>What the other side sends, until it closes: pieces that are not empty, each with its channel. A piece is valid until the next is asked for.</summary>
    /// <exception cref="WebSocketException">The other side has gone without a word.</exception>
    public static async IAsyncEnumerable<(byte Channel, ReadOnlyMemory<byte> Bytes)> ReadAsync(WebSocket socket, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var buffer = new byte[LargestPiece];
        // A message may come in pieces; only its first byte names the channel.
        byte? channel = null;
        while (true)
        {
            var part = await socket.ReceiveAsync(buffer.AsMemory(), cancellationToken).ConfigureAwait(false);
            if (part.MessageType == WebSocketMessageType.Close) yield break;
            var bytes = buffer.AsMemory(0, part.Count);
            if (channel is null && bytes.Length > 0)
            {
                channel = bytes.Span[0];
                bytes = bytes[1..];
            }

            if (channel is { } to && bytes.Length > 0) yield return (to, bytes);
            if (part.EndOfMessage) channel = null;
        }
    }

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
