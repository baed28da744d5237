using Zalando.Postgres.Sdk.Testing.ApiServer.Http;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Faults;

/// <summary>An answer that comes in small pieces with pauses, or breaks off.</summary>
internal sealed class FaultyBody(Stream inner, InjectedFault fault, TimeProvider time, Action drop) : WriteOnlyStream
{
    private const int Piece = 64;
    private long _written;

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!buffer.IsEmpty)
        {
            var size = fault.PausePerPiece > TimeSpan.Zero ? Math.Min(Piece, buffer.Length) : buffer.Length;
            if (fault.DropAfterBytes is { } most) size = (int)Math.Min(size, most - _written);
            if (size > 0)
            {
                await inner.WriteAsync(buffer[..size], cancellationToken).ConfigureAwait(false);
                _written += size;
                buffer = buffer[size..];
            }

            if (fault.DropAfterBytes is { } end && _written >= end)
            {
                // What was sent so far must arrive before the connection goes.
                await inner.FlushAsync(cancellationToken).ConfigureAwait(false);
                drop();
                throw new OperationCanceledException("the fault cuts the connection here");
            }

            if (fault.PausePerPiece <= TimeSpan.Zero || buffer.IsEmpty) continue;
            await inner.FlushAsync(cancellationToken).ConfigureAwait(false);
            await Task.Delay(fault.PausePerPiece, time, cancellationToken).ConfigureAwait(false);
        }
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);
}
