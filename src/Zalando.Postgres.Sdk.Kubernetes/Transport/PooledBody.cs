using System.Buffers;

namespace Zalando.Postgres.Sdk.Kubernetes.Transport;

/// <summary>A body in rented memory. Disposing gives the memory back; nothing read from it may be kept as a span.</summary>
internal sealed class PooledBody : IDisposable
{
    private byte[] _bytes = [];
    private int _length;

    public ReadOnlySpan<byte> Span => _bytes.AsSpan(0, _length);

    public ReadOnlyMemory<byte> Memory => _bytes.AsMemory(0, _length);

    /// <summary>Reads to the end; null when there is more than <paramref name="maximum"/>.</summary>
    public static async Task<PooledBody?> ReadAsync(Stream stream, long? announced, int maximum, CancellationToken cancellationToken)
    {
        if (announced > maximum) return null;
        var body = new PooledBody { _bytes = ArrayPool<byte>.Shared.Rent((int)Math.Clamp(announced + 1 ?? 16 * 1024, 1024, maximum)) };
        try
        {
            while (true)
            {
                if (body._length == body._bytes.Length) body.Grow();
                var read = await stream.ReadAsync(body._bytes.AsMemory(body._length), cancellationToken).ConfigureAwait(false);
                if (read == 0) return body;
                body._length += read;
                if (body._length <= maximum) continue;
                body.Dispose();
                return null;
            }
        }
        catch
        {
            body.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        var bytes = Interlocked.Exchange(ref _bytes, []);
        _length = 0;
        // Secrets pass through here.
        if (bytes.Length > 0) ArrayPool<byte>.Shared.Return(bytes, clearArray: true);
    }

    private void Grow()
    {
        var larger = ArrayPool<byte>.Shared.Rent(_bytes.Length * 2);
        Span.CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_bytes, clearArray: true);
        _bytes = larger;
    }
}
