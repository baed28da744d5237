using System.Net.WebSockets;
using System.Text;

namespace Zalando.Postgres.Sdk.Kubernetes.Transport;

/// <summary>One connection to a port of a pod over an open web socket: channel 0 carries the data, channel 1 says why the connection failed, and each begins with
/// the number of the port in two bytes.</summary>
internal sealed class ForwardedPortStream(ClientWebSocket socket, string asked) : Stream
{
    private const byte DataChannel = 0;
    private const byte ErrorChannel = 1;
    private const int PortLength = 2;
    private const int ChunkSize = 32 * 1024;
    private const int MostErrorText = 4096;
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(1);

    private readonly byte[] _received = new byte[ChunkSize];
    private readonly byte[] _sent = new byte[ChunkSize];
    private readonly int[] _skip = [PortLength, PortLength];
    private readonly MemoryStream _error = new();
    private ReadOnlyMemory<byte> _left;
    private byte? _channel;
    private bool _hasEnded;
    private bool _isDisposed;

    /// <summary>The one that servers of all ages speak; it carries one connection.</summary>
    public static IReadOnlyList<string> Protocols { get; } = ["v4.channel.k8s.io"];

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.Length == 0) return 0;
        while (_left.Length == 0)
        {
            if (_hasEnded) return 0;
            await ReceiveAsync(cancellationToken).ConfigureAwait(false);
        }

        var taken = Math.Min(buffer.Length, _left.Length);
        _left[..taken].CopyTo(buffer);
        _left = _left[taken..];
        return taken;
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            _sent[0] = DataChannel;
            while (buffer.Length > 0)
            {
                var part = Math.Min(buffer.Length, ChunkSize - 1);
                buffer[..part].CopyTo(_sent.AsMemory(1));
                await socket.SendAsync(_sent.AsMemory(0, part + 1), WebSocketMessageType.Binary, endOfMessage: true, cancellationToken).ConfigureAwait(false);
                buffer = buffer[part..];
            }
        }
        catch (WebSocketException exception)
        {
            throw new IOException($"{asked}: {exception.Message}", exception);
        }
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override async ValueTask DisposeAsync()
    {
        if (_isDisposed) return;
        try
        {
            if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
            {
                using var deadline = new CancellationTokenSource(Farewell);
                await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, deadline.Token).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            // The other side has gone already.
        }

        await base.DisposeAsync().ConfigureAwait(false);
    }

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Read asynchronously.");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("Write asynchronously.");

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_isDisposed)
        {
            _isDisposed = true;
            socket.Dispose();
            _error.Dispose();
        }

        base.Dispose(disposing);
    }

    private async Task ReceiveAsync(CancellationToken cancellationToken)
    {
        ValueWebSocketReceiveResult part;
        try
        {
            part = await socket.ReceiveAsync(_received.AsMemory(0, ChunkSize), cancellationToken).ConfigureAwait(false);
        }
        catch (WebSocketException exception)
        {
            throw new IOException($"{asked}: {exception.Message}", exception);
        }

        if (part.MessageType == WebSocketMessageType.Close)
        {
            _hasEnded = true;
            Refuse();
            return;
        }

        var bytes = _received.AsMemory(0, part.Count);
        if (_channel is null && bytes.Length > 0)
        {
            _channel = bytes.Span[0];
            bytes = bytes[1..];
        }

        if (_channel is DataChannel or ErrorChannel)
        {
            var skipped = Math.Min(_skip[_channel.Value], bytes.Length);
            _skip[_channel.Value] -= skipped;
            bytes = bytes[skipped..];
            if (_channel == DataChannel) _left = bytes;
            else if (_error.Length < MostErrorText) _error.Write(bytes.Span);
        }

        if (!part.EndOfMessage) return;
        _channel = null;
        // Some servers tell what went wrong and never close.
        Refuse();
    }

    private void Refuse()
    {
        if (_error.Length == 0) return;
        _hasEnded = true;
        throw new IOException($"{asked}: {Encoding.UTF8.GetString(_error.GetBuffer(), 0, (int)_error.Length).TrimEnd()}");
    }
}
