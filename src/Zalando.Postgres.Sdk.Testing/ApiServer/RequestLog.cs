namespace Zalando.Postgres.Sdk.Testing.ApiServer;

/// <summary>The requests the server has answered over HTTP, oldest first. A watch is logged when it starts. Safe to use from any thread.</summary>
public sealed class RequestLog
{
    private const int Limit = 100_000;
    private readonly Lock _lock = new();
    private readonly List<LoggedRequest> _requests = [];

    /// <summary>How many requests have been answered, also those that are no longer kept.</summary>
    public long Count
    {
        get
        {
            lock (_lock) return field;
        }

        private set;
    }

    /// <summary>A copy of the log as it is now (the last 100,000 requests).</summary>
    public IReadOnlyList<LoggedRequest> Snapshot()
    {
        lock (_lock) return [.. _requests];
    }

    /// <summary>Forgets all requests.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            _requests.Clear();
            Count = 0;
        }
    }

    internal void Add(LoggedRequest request)
    {
        lock (_lock)
        {
            if (_requests.Count >= Limit) _requests.RemoveRange(0, Limit / 2);
            _requests.Add(request);
            Count++;
        }
    }
}
