using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Zalando.Postgres.Sdk.Kubernetes.Client;
using Zalando.Postgres.Sdk.Kubernetes.Telemetry;

namespace Zalando.Postgres.Sdk.Kubernetes.Transport;

/// <summary>Cuts the body of a watch into lines and the lines into events, without copying them.</summary>
internal static class WatchStream
{
    public static async IAsyncEnumerable<WatchEvent<T>> ReadAsync<T>(
        Stream body, ObjectContract<T> contract, string asked, int maximumSize, [EnumeratorCancellation] CancellationToken cancellationToken)
        where T : class
    {
        var pipe = PipeReader.Create(body, new StreamPipeReaderOptions(bufferSize: 16 * 1024, leaveOpen: true));
        byte[]? tooLarge = null;
        try
        {
            while (true)
            {
                ReadResult result;
                try
                {
                    result = await pipe.ReadAsync(cancellationToken).ConfigureAwait(false);
                }
                catch (Exception exception) when (exception is IOException or HttpRequestException)
                {
                    throw ApiFailure.Unanswered(asked + ": the connection was lost", exception);
                }

                var buffer = result.Buffer;
                while (TryTakeLine(ref buffer, out var line))
                {
                    if (tooLarge is not null)
                    {
                        yield return Count(WatchEventReader.TooLarge<T>(tooLarge, maximumSize, asked), contract);
                        tooLarge = null;
                        continue;
                    }

                    if (IsBlank(line)) continue;
                    yield return Count(WatchEventReader.Read(line, contract, asked), contract);
                }

                if (tooLarge is not null)
                {
                    buffer = buffer.Slice(buffer.End);
                }
                else if (buffer.Length > maximumSize)
                {
                    tooLarge = buffer.Slice(0, Math.Min(buffer.Length, WatchEventReader.PrefixLength)).ToArray();
                    buffer = buffer.Slice(buffer.End);
                }

                if (result.IsCompleted)
                {
                    if (tooLarge is null && IsBlank(buffer)) yield break;
                    // The last line may lack its line feed, or the server died in the middle of it.
                    var last = tooLarge is null ? WatchEventReader.Read(buffer, contract, asked) : null;
                    if (last is null or { Type: WatchEventType.Unreadable, ResourceVersion: null })
                        throw ApiFailure.Unanswered(asked, new EndOfStreamException("the stream ended in the middle of an event; it comes again after the last version"));
                    yield return Count(last, contract);
                    yield break;
                }

                pipe.AdvanceTo(buffer.Start, buffer.End);
            }
        }
        finally
        {
            await pipe.CompleteAsync().ConfigureAwait(false);
        }
    }

    private static WatchEvent<T> Count<T>(WatchEvent<T> value, ObjectContract<T> contract)
        where T : class
    {
        KubernetesTelemetry.Events.Add(1, new KeyValuePair<string, object?>("resource", contract.Kind.QualifiedName), new KeyValuePair<string, object?>("type", value.Type.ToString()));
        return value;
    }

    private static bool TryTakeLine(ref ReadOnlySequence<byte> buffer, out ReadOnlySequence<byte> line)
    {
        if (buffer.PositionOf((byte)'\n') is not { } end)
        {
            line = default;
            return false;
        }

        line = buffer.Slice(0, end);
        buffer = buffer.Slice(buffer.GetPosition(1, end));
        return true;
    }

    private static bool IsBlank(in ReadOnlySequence<byte> line)
    {
        foreach (var segment in line)
        {
            if (segment.Span.IndexOfAnyExcept(" \t\r"u8) >= 0) return false;
        }

        return true;
    }
}
