using Zalando.Postgres.Sdk.Planning;

namespace Zalando.Postgres.Sdk.Reconciliation.Queue;

/// <summary>The clusters that want a pass: each is in it once, and no cluster is given out while a pass of it runs.</summary>
/// <remarks>
/// <para>Edits of people go before observed changes, those before resyncs; within a priority the order is that of arrival. What is added while
/// a pass runs makes exactly one further pass, however often it is added and however the first one ends.</para>
/// <para>A failing cluster pauses on its own (doubling, with jitter). An edit ends its pause at once, an observed change shortens it, a resync
/// leaves it alone. No cluster's pause touches another one.</para>
/// </remarks>
public sealed class ReconcileQueue : IDisposable
{
    // System timers end at 2^32 - 2 ms, https://learn.microsoft.com/dotnet/api/system.timeprovider.createtimer
    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(30);

    private readonly Lock _lock = new();
    private readonly Dictionary<ClusterKey, Entry> _entries = [];
    private readonly PriorityQueue<ClusterKey, (int Rank, long Sequence)> _ready = new();
    private readonly Queue<Waiter> _waiters = new();
    private readonly TimeProvider _time;
    private readonly QueueOptions _options;
    private readonly Func<double> _random;
    private long _sequence;
    private int _readyCount;
    private int _running;
    private TaskCompletionSource? _idle;
    private bool _disposed;

    /// <summary>An empty queue.</summary>
    /// <param name="time">The clock of all pauses.</param>
    /// <param name="options">Pauses; null for the defaults.</param>
    /// <param name="random">Random numbers in [0, 1) for the jitter; null for the process-wide generator.</param>
    public ReconcileQueue(TimeProvider time, QueueOptions? options = null, Func<double>? random = null)
    {
        ArgumentNullException.ThrowIfNull(time);
        _time = time;
        _options = options ?? new QueueOptions();
        _random = random ?? Random.Shared.NextDouble;
    }

    /// <summary>Clusters that could be taken now.</summary>
    public int ReadyCount
    {
        get
        {
            lock (_lock) return _readyCount;
        }
    }

    /// <summary>Clusters that wait for a time: after a failure, or because a pass asked for it.</summary>
    public int DelayedCount
    {
        get
        {
            lock (_lock) return _entries.Values.Count(e => e.Timer is not null);
        }
    }

    /// <summary>Clusters whose pass runs.</summary>
    public int RunningCount
    {
        get
        {
            lock (_lock) return _running;
        }
    }

    /// <summary>Asks for a pass.</summary>
    /// <param name="key">The cluster.</param>
    /// <param name="priority">How urgent it is; the most urgent one of several requests counts.</param>
    public void Add(ClusterKey key, ReconcilePriority priority)
    {
        Waiter? served;
        lock (_lock)
        {
            if (_disposed) return;
            var entry = EntryOf(key);
            if (entry.Running)
            {
                entry.Wanted = Later(entry.Wanted, priority);
                return;
            }

            if (entry.Failures > 0 && entry.Timer is not null && priority != ReconcilePriority.Edit)
            {
                // The cluster pauses after a failure: only news shortens the pause.
                if (priority == ReconcilePriority.Observed) Shorten(key, entry, _options.PauseAfterObservedChange);
                return;
            }

            if (priority == ReconcilePriority.Edit) StopTimer(entry);
            served = MakeReady(key, entry, priority);
        }

        served?.Serve(key);
    }

    /// <summary>Takes the most urgent cluster, or waits for one. Whoever takes must call <see cref="Complete"/>.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async ValueTask<ClusterKey> TakeAsync(CancellationToken cancellationToken)
    {
        Waiter waiter;
        lock (_lock)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (TryTake(out var key)) return key;
            waiter = new Waiter();
            _waiters.Enqueue(waiter);
        }

        await using var registration = cancellationToken.UnsafeRegister(
            static (state, token) => ((Waiter)state!).Cancel(token), waiter).ConfigureAwait(false);
        return await waiter.Task.ConfigureAwait(false);
    }

    /// <summary>Ends a pass.</summary>
    /// <param name="key">The cluster that was taken.</param>
    /// <param name="result">What to do with it next.</param>
    /// <exception cref="InvalidOperationException">The cluster was not taken.</exception>
    public void Complete(ClusterKey key, ReconcileResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        Waiter? served = null;
        TaskCompletionSource? idle = null;
        lock (_lock)
        {
            if (!_entries.TryGetValue(key, out var entry) || !entry.Running) throw new InvalidOperationException($"No pass of {key} runs.");
            entry.Running = false;
            _running--;
            entry.Failures = result.Failed ? entry.Failures + 1 : 0;
            var wanted = entry.Wanted;
            entry.Wanted = null;
            StopTimer(entry);
            if (_disposed)
            {
                _entries.Remove(key);
            }
            else if (wanted is { } priority && (!result.Failed || priority == ReconcilePriority.Edit))
            {
                // Look again at once; a pause that the pass asked for is asked for again by the next one.
                served = MakeReady(key, entry, priority);
            }
            else if (result.Failed)
            {
                var pause = Pause(entry.Failures);
                if (wanted == ReconcilePriority.Observed && pause > _options.PauseAfterObservedChange) pause = _options.PauseAfterObservedChange;
                StartTimer(key, entry, pause);
            }
            else if (result.RequeueAfter is { } delay)
            {
                if (delay <= TimeSpan.Zero) served = MakeReady(key, entry, ReconcilePriority.Observed);
                else StartTimer(key, entry, delay);
            }
            else
            {
                _entries.Remove(key);
            }

            if (_running == 0 && _readyCount == 0) (idle, _idle) = (_idle, null);
        }

        served?.Serve(key);
        idle?.TrySetResult();
    }

    /// <summary>How many passes of a cluster failed in a row.</summary>
    /// <param name="key">The cluster.</param>
    public int FailuresOf(ClusterKey key)
    {
        lock (_lock) return _entries.TryGetValue(key, out var entry) ? entry.Failures : 0;
    }

    /// <summary>Completes when no pass runs and no cluster waits to be taken. Pauses do not count.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task WhenIdleAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_running == 0 && _readyCount == 0) return Task.CompletedTask;
            _idle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _idle.Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Ends all pauses without a pass; nothing is given out afterwards.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            foreach (var entry in _entries.Values) StopTimer(entry);
        }
    }

    private static ReconcilePriority Later(ReconcilePriority? first, ReconcilePriority second) => first is { } value && value > second ? value : second;

    private Entry EntryOf(ClusterKey key)
    {
        if (!_entries.TryGetValue(key, out var entry)) _entries.Add(key, entry = new Entry());
        return entry;
    }

    // Returns a waiter that got the cluster; it is served outside of the lock.
    private Waiter? MakeReady(ClusterKey key, Entry entry, ReconcilePriority priority)
    {
        if (entry.Ready is { } present && present >= priority) return null;
        if (entry.Ready is null) _readyCount++;
        entry.Ready = priority;
        entry.Sequence = ++_sequence;
        StopTimer(entry);
        while (_waiters.TryDequeue(out var waiter))
        {
            if (!waiter.TryReserve()) continue;
            Start(entry);
            return waiter;
        }

        _ready.Enqueue(key, (-(int)priority, entry.Sequence));
        return null;
    }

    private bool TryTake(out ClusterKey key)
    {
        while (!_disposed && _ready.TryDequeue(out key, out var rank))
        {
            // A cluster that became more urgent is in the heap twice; the older place is void.
            if (!_entries.TryGetValue(key, out var entry) || entry.Ready is null || entry.Sequence != rank.Sequence) continue;
            Start(entry);
            return true;
        }

        key = default;
        return false;
    }

    private void Start(Entry entry)
    {
        entry.Ready = null;
        entry.Running = true;
        _readyCount--;
        _running++;
    }

    private TimeSpan Pause(int failures)
    {
        var factor = Math.Pow(2, Math.Min(failures - 1, 30));
        var longest = Math.Min(_options.FirstBackoff.TotalMilliseconds * factor, _options.LongestBackoff.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(Math.Max(1, longest * (1 - _options.Jitter * _random())));
    }

    private void Shorten(ClusterKey key, Entry entry, TimeSpan longest)
    {
        var remaining = entry.DueAt - _time.GetUtcNow();
        if (remaining <= longest) return;
        StopTimer(entry);
        StartTimer(key, entry, longest);
    }

    private void StartTimer(ClusterKey key, Entry entry, TimeSpan delay)
    {
        // A timer takes no longer time. Whoever is looked at too early waits once more.
        if (delay > LongestTimer) delay = LongestTimer;
        entry.DueAt = _time.GetUtcNow() + delay;
        ITimer? timer = null;
        timer = _time.CreateTimer(
            _ => OnDue(key, entry, timer), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        entry.Timer = timer;
        timer.Change(delay, Timeout.InfiniteTimeSpan);
    }

    private void OnDue(ClusterKey key, Entry entry, ITimer? timer)
    {
        Waiter? served;
        lock (_lock)
        {
            if (_disposed || entry.Running || timer is null || !ReferenceEquals(entry.Timer, timer)) return;
            StopTimer(entry);
            served = MakeReady(key, entry, ReconcilePriority.Observed);
        }

        served?.Serve(key);
    }

    private static void StopTimer(Entry entry)
    {
        entry.Timer?.Dispose();
        entry.Timer = null;
    }

    private sealed class Entry
    {
        public ReconcilePriority? Ready { get; set; }

        public long Sequence { get; set; }

        public bool Running { get; set; }

        public ReconcilePriority? Wanted { get; set; }

        public int Failures { get; set; }

        public ITimer? Timer { get; set; }

        public DateTimeOffset DueAt { get; set; }
    }

    private sealed class Waiter
    {
        private readonly TaskCompletionSource<ClusterKey> _source = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _taken;

        public Task<ClusterKey> Task => _source.Task;

        public bool TryReserve() => Interlocked.Exchange(ref _taken, 1) == 0;

        public void Serve(ClusterKey key) => _source.TrySetResult(key);

        public void Cancel(CancellationToken token)
        {
            if (TryReserve()) _source.TrySetCanceled(token);
        }
    }
}
