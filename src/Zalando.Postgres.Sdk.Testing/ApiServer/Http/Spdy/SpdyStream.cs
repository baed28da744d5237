using System.IO.Pipelines;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Http.Spdy;

/// <summary>One stream of a connection, opened by the client.</summary>
internal sealed class SpdyStream
{
    private readonly SpdyConnection _connection;
    private readonly Pipe _received = new();

    public SpdyStream(SpdyConnection connection, int id, IReadOnlyDictionary<string, string> headers)
    {
        _connection = connection;
        Id = id;
        Headers = headers;
        Input = _received.Reader.AsStream();
        Output = new SpdyOutput(this);
    }

    public int Id { get; }

    /// <summary>Headers of the stream, names in any case.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; }

    /// <summary>What the client sends.</summary>
    public Stream Input { get; }

    /// <summary>What the client receives.</summary>
    public Stream Output { get; }

    /// <summary>Tells the client that nothing more comes on this stream.</summary>
    public Task EndAsync(CancellationToken cancellationToken) => _connection.SendDataAsync(Id, ReadOnlyMemory<byte>.Empty, isLast: true, cancellationToken);

    internal async Task ReceiveAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        // Who reads the stream may have stopped; what still comes is dropped then.
        if (data.Length > 0) await _received.Writer.WriteAsync(data, cancellationToken).ConfigureAwait(false);
    }

    internal void EndInput() => _received.Writer.Complete();

    private sealed class SpdyOutput(SpdyStream stream) : WriteOnlyStream
    {
        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (buffer.Length > 0) await stream._connection.SendDataAsync(stream.Id, buffer, isLast: false, cancellationToken).ConfigureAwait(false);
        }
    }
}
