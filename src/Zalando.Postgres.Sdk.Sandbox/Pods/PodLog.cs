using System.Globalization;
using System.Text;
using System.Threading.Channels;

namespace Zalando.Postgres.Sdk.Sandbox.Pods;

/// <summary>The log of one run of a container: the last lines in memory, each with its time.</summary>
internal sealed class PodLog(TimeProvider time)
{
    private const long MaximumCharacters = 8 * 1024 * 1024;
    private const int MaximumLine = 64 * 1024;

    private readonly Lock _lock = new();
    private readonly Queue<(DateTimeOffset Time, string Text)> _lines = [];
    private readonly List<Channel<(DateTimeOffset Time, string Text)>> _followers = [];
    private long _characters;
    private bool _ended;

    public void Add(string text)
    {
        var line = (time.GetUtcNow(), text.Length > MaximumLine ? text[..MaximumLine] : text);
        lock (_lock)
        {
            _lines.Enqueue(line);
            _characters += line.Item2.Length;
            while (_characters > MaximumCharacters && _lines.TryDequeue(out var dropped)) _characters -= dropped.Text.Length;
            foreach (var follower in _followers) follower.Writer.TryWrite(line);
        }
    }

    public void End()
    {
        lock (_lock)
        {
            _ended = true;
            foreach (var follower in _followers) follower.Writer.TryComplete();
        }
    }

    /// <summary>The log as bytes, as <c>kubectl logs</c> wants them.</summary>
    public Stream Open(int? tail, int? sinceSeconds, bool timestamps, bool follow, long? limit, CancellationToken cancellationToken)
    {
        var from = sinceSeconds is { } seconds ? time.GetUtcNow().AddSeconds(-seconds) : DateTimeOffset.MinValue;
        Channel<(DateTimeOffset, string)>? channel = null;
        List<(DateTimeOffset Time, string Text)> lines;
        lock (_lock)
        {
            lines = [.. _lines.Where(l => l.Time >= from)];
            if (follow && !_ended)
            {
                channel = Channel.CreateUnbounded<(DateTimeOffset, string)>();
                _followers.Add(channel);
            }
        }

        if (tail is { } count && lines.Count > count) lines.RemoveRange(0, lines.Count - count);
        var start = new MemoryStream();
        foreach (var line in lines) start.Write(Format(line, timestamps));
        if (limit is { } most && start.Length > most) start.SetLength(most);
        start.Position = 0;
        if (channel is null) return start;
        return new FollowingStream(start, channel.Reader, line => Format(line, timestamps), () =>
        {
            lock (_lock) _followers.Remove(channel);
        });
    }

    private static byte[] Format((DateTimeOffset Time, string Text) line, bool timestamps) => Encoding.UTF8.GetBytes(
        timestamps ? line.Time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'00Z' ", CultureInfo.InvariantCulture) + line.Text + "\n" : line.Text + "\n");

    /// <summary>First what is there, then what comes.</summary>
    private sealed class FollowingStream(
        MemoryStream start, ChannelReader<(DateTimeOffset, string)> more, Func<(DateTimeOffset, string), byte[]> format, Action close) : Stream
    {
        private ReadOnlyMemory<byte> _rest;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (buffer.Length == 0) return 0;
            if (start.Read(buffer.Span) is var first and > 0) return first;
            while (_rest.Length == 0)
            {
                if (!await more.WaitToReadAsync(cancellationToken).ConfigureAwait(false)) return 0;
                if (more.TryRead(out var line)) _rest = format(line);
            }

            var length = Math.Min(buffer.Length, _rest.Length);
            _rest[..length].CopyTo(buffer);
            _rest = _rest[length..];
            return length;
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Read the log asynchronously.");

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing) close();
            base.Dispose(disposing);
        }
    }
}
