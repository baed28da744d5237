using System.Buffers.Binary;
using System.Threading.Channels;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Http.Spdy;

/// <summary>The server's side of SPDY/3.1 over an upgraded connection: as much of it as clients of Kubernetes use for exec and port forwarding before they
/// learnt web sockets. The client opens all streams. There is no flow control, as those clients have none.</summary>
/// <remarks>Frames: control bit, version and type or stream id (4 bytes), flags (1), length (3), then the body.</remarks>
internal sealed class SpdyConnection(Stream transport) : IAsyncDisposable
{
    private const int Version = 3;
    private const int LongestFrame = 4 * 1024 * 1024;
    private const int MostStreams = 1000;
    private const byte LastFlag = 1;

    private readonly SpdyHeaderReader _headers = new();
    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly Dictionary<int, SpdyStream> _streams = [];
    private readonly Channel<SpdyStream> _accepted = Channel.CreateUnbounded<SpdyStream>();
    private bool _hasSentHeaders;

    private enum ControlType : ushort
    {
        SynStream = 1,
        SynReply = 2,
        ResetStream = 3,
        Settings = 4,
        Ping = 6,
        GoAway = 7,
        Headers = 8,
        WindowUpdate = 9,
    }

    /// <summary>The streams as the client opens them; complete when the connection has ended.</summary>
    public ChannelReader<SpdyStream> Accepted => _accepted.Reader;

    /// <summary>Reads until the client goes away.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            var head = new byte[8];
            while (await transport.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false) == head.Length)
            {
                var length = (head[5] << 16) | (head[6] << 8) | head[7];
                if (length > LongestFrame) throw new InvalidDataException($"A frame of {length} bytes is longer than {LongestFrame}.");
                var body = new byte[length];
                await transport.ReadExactlyAsync(body, cancellationToken).ConfigureAwait(false);
                var isLast = (head[4] & LastFlag) != 0;
                if ((head[0] & 0x80) == 0) await DataAsync(BinaryPrimitives.ReadInt32BigEndian(head), body, isLast, cancellationToken).ConfigureAwait(false);
                else if (!await ControlAsync((ControlType)BinaryPrimitives.ReadUInt16BigEndian(head.AsSpan(2)), body, isLast, cancellationToken).ConfigureAwait(false)) return;
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or InvalidDataException or InvalidOperationException)
        {
            // The client has gone, or speaks something else: the connection ends.
        }
        finally
        {
            _accepted.Writer.TryComplete();
            foreach (var stream in _streams.Values) stream.EndInput();
        }
    }

    /// <summary>Sends data of a stream.</summary>
    public Task SendDataAsync(int stream, ReadOnlyMemory<byte> data, bool isLast, CancellationToken cancellationToken)
    {
        var head = new byte[8];
        BinaryPrimitives.WriteInt32BigEndian(head, stream);
        return SendAsync(head, isLast ? LastFlag : (byte)0, data, cancellationToken);
    }

    public ValueTask DisposeAsync()
    {
        _headers.Dispose();
        _sending.Dispose();
        return transport.DisposeAsync();
    }

    private async Task DataAsync(int id, byte[] body, bool isLast, CancellationToken cancellationToken)
    {
        if (!_streams.TryGetValue(id, out var stream)) return;
        await stream.ReceiveAsync(body, cancellationToken).ConfigureAwait(false);
        if (isLast) stream.EndInput();
    }

    private async Task<bool> ControlAsync(ControlType type, byte[] body, bool isLast, CancellationToken cancellationToken)
    {
        switch (type)
        {
            case ControlType.SynStream:
                await OpenAsync(body, isLast, cancellationToken).ConfigureAwait(false);
                return true;
            case ControlType.Headers when body.Length >= 4:
                _ = _headers.Read(body.AsSpan(4));
                return true;
            case ControlType.ResetStream when body.Length >= 4:
                if (_streams.TryGetValue(BinaryPrimitives.ReadInt32BigEndian(body), out var reset)) reset.EndInput();
                return true;
            case ControlType.Ping when body.Length == 4:
                await SendControlAsync(ControlType.Ping, body, cancellationToken).ConfigureAwait(false);
                return true;
            case ControlType.GoAway:
                return false;
            default:
                return true;
        }
    }

    // Body: stream id (4), associated stream (4), priority and slot (2), headers.
    private async Task OpenAsync(byte[] body, bool isLast, CancellationToken cancellationToken)
    {
        if (body.Length < 10) throw new InvalidDataException("A frame that opens a stream is too short.");
        var id = BinaryPrimitives.ReadInt32BigEndian(body) & int.MaxValue;
        var stream = new SpdyStream(this, id, _headers.Read(body.AsSpan(10)));
        if (_streams.Count == MostStreams || !_streams.TryAdd(id, stream)) throw new InvalidDataException("The client opens too many streams, or one twice.");
        if (isLast) stream.EndInput();
        // The stream is answered before anything is sent on it. Headers of ours: none (a count of zero).
        var none = StoredBlock.Of(new byte[4]);
        byte[] reply = _hasSentHeaders ? [.. body.AsSpan(0, 4), .. none] : [.. body.AsSpan(0, 4), 0x78, 0x01, .. none];
        _hasSentHeaders = true;
        await SendControlAsync(ControlType.SynReply, reply, cancellationToken).ConfigureAwait(false);
        _accepted.Writer.TryWrite(stream);
    }

    private Task SendControlAsync(ControlType type, byte[] body, CancellationToken cancellationToken)
    {
        var head = new byte[8];
        BinaryPrimitives.WriteUInt16BigEndian(head, 0x8000 | Version);
        BinaryPrimitives.WriteUInt16BigEndian(head.AsSpan(2), (ushort)type);
        return SendAsync(head, 0, body, cancellationToken);
    }

    private async Task SendAsync(byte[] head, byte flags, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        BinaryPrimitives.WriteInt32BigEndian(head.AsSpan(4), body.Length);
        head[4] = flags;
        await _sending.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await transport.WriteAsync(head, cancellationToken).ConfigureAwait(false);
            await transport.WriteAsync(body, cancellationToken).ConfigureAwait(false);
            await transport.FlushAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _sending.Release();
        }
    }
}
