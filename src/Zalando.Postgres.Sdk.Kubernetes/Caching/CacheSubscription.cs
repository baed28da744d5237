using System.Threading.Channels;

namespace Zalando.Postgres.Sdk.Kubernetes.Caching;

/// <summary>
/// What one subscriber has not heard yet. Several changes of an object become one, so a slow subscriber costs at most two events per object: a deletion
/// and the addition of a successor. Not thread-safe: the cache's lock guards it.
/// </summary>
internal sealed class CacheSubscription<T>
    where T : class
{
    private readonly LinkedList<CacheEvent<T>> _queue = new();
    private readonly Dictionary<CacheKey, LinkedListNode<CacheEvent<T>>> _newest = [];

    // Holds at most one token: "there is something".
    private readonly Channel<bool> _signal = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    public ValueTask<bool> WaitAsync(CancellationToken cancellationToken) => _signal.Reader.WaitToReadAsync(cancellationToken);

    public void Reset() => _signal.Reader.TryRead(out _);

    public void Enqueue(CacheEvent<T> next)
    {
        var key = new CacheKey(next.Namespace ?? "", next.Name);
        if (next.Type != CacheEventType.InitialListComplete && next.Name.Length > 0 && _newest.TryGetValue(key, out var pending)) Combine(key, pending, next);
        else Append(key, next);
        _signal.Writer.TryWrite(true);
    }

    public CacheEvent<T>? Dequeue()
    {
        if (_queue.First is not { } first) return null;
        _queue.RemoveFirst();
        var key = new CacheKey(first.Value.Namespace ?? "", first.Value.Name);
        if (_newest.TryGetValue(key, out var newest) && ReferenceEquals(newest, first)) _newest.Remove(key);
        return first.Value;
    }

    private void Append(CacheKey key, CacheEvent<T> next)
    {
        var node = _queue.AddLast(next);
        if (next.Type != CacheEventType.InitialListComplete && next.Name.Length > 0) _newest[key] = node;
    }

    private void Combine(CacheKey key, LinkedListNode<CacheEvent<T>> pending, CacheEvent<T> next)
    {
        var before = pending.Value;
        switch (before.Type, next.Type)
        {
            case (CacheEventType.Added, CacheEventType.Modified):
                pending.Value = next with { Type = CacheEventType.Added, Previous = null };
                break;
            case (CacheEventType.Modified, CacheEventType.Modified):
                pending.Value = next with { Previous = before.Previous };
                break;
            case (CacheEventType.Modified, CacheEventType.Deleted or CacheEventType.Unreadable):
            case (CacheEventType.Unreadable, _):
                pending.Value = next;
                break;
            case (CacheEventType.Added, CacheEventType.Deleted):
                // The subscriber never heard of it.
                _queue.Remove(pending);
                _newest.Remove(key);
                break;
            default:
                // Deleted then Added: two different objects. Added then Unreadable: both are news.
                Append(key, next);
                break;
        }
    }
}
