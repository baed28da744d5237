using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Zalando.Postgres.Sdk.Sandbox.Progress;

/// <summary>Keeps the last notices and passes new ones to everybody who reads.</summary>
internal sealed class NoticeBoard(TimeProvider time)
{
    private const int Kept = 1000;

    private readonly Lock _lock = new();
    private readonly Queue<SandboxNotice> _last = [];
    private readonly List<Channel<SandboxNotice>> _readers = [];
    private bool _closed;

    public void Post(NoticeSeverity severity, string subject, string reason, string message)
    {
        var notice = new SandboxNotice(time.GetUtcNow(), severity, subject, reason, message);
        lock (_lock)
        {
            if (_closed) return;
            _last.Enqueue(notice);
            if (_last.Count > Kept) _last.Dequeue();
            foreach (var reader in _readers) reader.Writer.TryWrite(notice);
        }
    }

    public async IAsyncEnumerable<SandboxNotice> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var channel = Channel.CreateBounded<SandboxNotice>(new BoundedChannelOptions(Kept) { FullMode = BoundedChannelFullMode.DropOldest });
        List<SandboxNotice> past;
        lock (_lock)
        {
            past = [.. _last];
            if (_closed) channel.Writer.TryComplete();
            else _readers.Add(channel);
        }

        try
        {
            foreach (var notice in past) yield return notice;
            await foreach (var notice in channel.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false)) yield return notice;
        }
        finally
        {
            lock (_lock) _readers.Remove(channel);
        }
    }

    public void Close()
    {
        lock (_lock)
        {
            _closed = true;
            foreach (var reader in _readers) reader.Writer.TryComplete();
        }
    }
}
