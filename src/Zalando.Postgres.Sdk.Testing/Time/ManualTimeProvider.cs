using System.Diagnostics;

namespace Zalando.Postgres.Sdk.Testing.Time;

/// <summary>A clock that moves only when a test moves it. Timers fire in the order of their due times, each at exactly its time.</summary>
/// <remarks>
/// <para>The wall clock and the monotonic clock move together with <see cref="Advance"/>; <see cref="JumpWallClock"/> moves only the wall
/// clock, as an administrator or a time daemon does.</para>
/// <para>Callbacks run on the thread that advances, one after the other. What they start on other threads is not waited for: use
/// <see cref="AdvanceAsync"/>, which lets queued work run between two timers, or wait for a condition of your own with
/// <see cref="WaitForPendingTimersAsync"/>. A timer created with a due time of zero fires at once on the thread pool.</para>
/// </remarks>
public sealed class ManualTimeProvider : TimeProvider
{
    private const int QuietHops = 16;
    private const int MostHopsPerStep = 20_000;
    private static readonly TimeSpan QuietTime = TimeSpan.FromMilliseconds(0.3);

    private readonly Lock _lock = new();
    private readonly PriorityQueue<ScheduledTimer, (long Due, long Sequence)> _queue = new();
    private readonly List<(int Count, TaskCompletionSource Reached)> _waiters = [];
    private DateTimeOffset _start;
    private long _ticks;
    private long _sequence;
    private int _pending;

    /// <summary>A clock that stands still.</summary>
    /// <param name="start">What it shows first; null for 2026-01-01 00:00 UTC.</param>
    public ManualTimeProvider(DateTimeOffset? start = null) =>
        _start = start ?? new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <inheritdoc />
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <inheritdoc />
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <summary>How many timers wait for their time.</summary>
    public int PendingTimers
    {
        get
        {
            lock (_lock) return _pending;
        }
    }

    /// <summary>How long until the next timer fires; null when none waits.</summary>
    public TimeSpan? UntilNextTimer
    {
        get
        {
            lock (_lock) return NextDue() is { } due ? TimeSpan.FromTicks(Math.Max(0, due - _ticks)) : null;
        }
    }

    /// <inheritdoc />
    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock) return _start.AddTicks(_ticks).ToUniversalTime();
    }

    /// <inheritdoc />
    public override long GetTimestamp()
    {
        lock (_lock) return _ticks;
    }

    /// <inheritdoc />
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var timer = new ScheduledTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Moves both clocks, and fires the timers that fall due on the way, each at its own time.</summary>
    /// <param name="by">How far; not negative.</param>
    public void Advance(TimeSpan by)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        var target = GetTimestamp() + by.Ticks;
        while (TakeDue(target) is { } timer) timer.Fire();
        lock (_lock) _ticks = Math.Max(_ticks, target);
    }

    /// <summary>Like <see cref="Advance"/>, and lets work that is queued on the thread pool run before, between and after the timers, so that
    /// loops of the kind "wait, work, wait again" go round as often as they would in real time.</summary>
    /// <param name="by">How far; not negative.</param>
    /// <param name="cancellationToken">Stops advancing; the clock then stands somewhere on the way.</param>
    public async Task AdvanceAsync(TimeSpan by, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        var target = GetTimestamp() + by.Ticks;
        await LetWorkRunAsync(cancellationToken).ConfigureAwait(false);
        while (TakeDue(target) is { } timer)
        {
            timer.Fire();
            await LetWorkRunAsync(cancellationToken).ConfigureAwait(false);
        }

        lock (_lock) _ticks = Math.Max(_ticks, target);
    }

    /// <summary>Moves to the next timer and fires it; false when none waits.</summary>
    public bool AdvanceToNextTimer()
    {
        if (TakeDue(long.MaxValue) is not { } timer) return false;
        timer.Fire();
        return true;
    }

    /// <summary>Moves the wall clock only; timers and timestamps do not notice.</summary>
    /// <param name="by">How far; negative for backwards.</param>
    public void JumpWallClock(TimeSpan by)
    {
        lock (_lock) _start += by;
    }

    /// <summary>Waits (in real time, without polling) until at least so many timers wait for their time: the sign that the code under test sleeps.</summary>
    /// <param name="count">How many.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task WaitForPendingTimersAsync(int count, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            if (_pending >= count) return Task.CompletedTask;
            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiters.Add((count, reached));
            return reached.Task.WaitAsync(cancellationToken);
        }
    }

    // Nobody can ask the thread pool whether it is idle. What can be seen: whether anything is queued, and whether anything but our own hops has
    // completed. Both must stay quiet for a number of hops and for a moment of real time, because an item may be running while we look.
    private static async Task LetWorkRunAsync(CancellationToken cancellationToken)
    {
        var quiet = 0;
        var quietSince = Stopwatch.GetTimestamp();
        var completed = ThreadPool.CompletedWorkItemCount;
        for (var hops = 0; hops < MostHopsPerStep && (quiet < QuietHops || Stopwatch.GetElapsedTime(quietSince) < QuietTime); hops++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            await HopAsync().ConfigureAwait(false);
            var now = ThreadPool.CompletedWorkItemCount;
            if (now - completed <= 1 && ThreadPool.PendingWorkItemCount == 0)
            {
                quiet++;
            }
            else
            {
                quiet = 0;
                quietSince = Stopwatch.GetTimestamp();
            }

            completed = now;
        }
    }

    // To the end of the pool's global queue: what was queued before, on this thread or for all, runs first.
    private static Task HopAsync()
    {
        var hop = new TaskCompletionSource();
        ThreadPool.UnsafeQueueUserWorkItem(static state => state.SetResult(), hop, preferLocal: false);
        return hop.Task;
    }

    private long? NextDue()
    {
        while (_queue.TryPeek(out var timer, out var priority))
        {
            if (timer.IsScheduledAs(priority.Sequence)) return priority.Due;
            _queue.Dequeue();
        }

        return null;
    }

    private ScheduledTimer? TakeDue(long target)
    {
        lock (_lock)
        {
            if (NextDue() is not { } due || due > target) return null;
            var timer = _queue.Dequeue();
            _ticks = Math.Max(_ticks, due);
            timer.Unschedule();
            if (timer.PeriodTicks > 0) Schedule(timer, due + timer.PeriodTicks);
            return timer;
        }
    }

    private void Schedule(ScheduledTimer timer, long due)
    {
        timer.ScheduleAs(++_sequence);
        _queue.Enqueue(timer, (due, _sequence));
        _pending++;
        for (var i = _waiters.Count - 1; i >= 0; i--)
        {
            if (_waiters[i].Count > _pending) continue;
            _waiters[i].Reached.TrySetResult();
            _waiters.RemoveAt(i);
        }
    }

    private sealed class ScheduledTimer(ManualTimeProvider clock, TimerCallback callback, object? state) : ITimer
    {
        private readonly ExecutionContext? _context = ExecutionContext.Capture();
        private long _scheduledAs;
        private bool _disposed;

        public long PeriodTicks { get; private set; }

        public bool IsScheduledAs(long sequence) => _scheduledAs == sequence;

        public void ScheduleAs(long sequence) => _scheduledAs = sequence;

        public void Unschedule()
        {
            if (_scheduledAs == 0) return;
            _scheduledAs = 0;
            clock._pending--;
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            var atOnce = false;
            lock (clock._lock)
            {
                if (_disposed) return false;
                Unschedule();
                PeriodTicks = period > TimeSpan.Zero ? period.Ticks : 0;
                if (dueTime == TimeSpan.Zero)
                {
                    atOnce = true;
                    if (PeriodTicks > 0) clock.Schedule(this, clock._ticks + PeriodTicks);
                }
                else if (dueTime > TimeSpan.Zero)
                {
                    clock.Schedule(this, clock._ticks + dueTime.Ticks);
                }
            }

            if (atOnce) ThreadPool.UnsafeQueueUserWorkItem(static timer => timer.Fire(), this, preferLocal: false);
            return true;
        }

        public void Fire()
        {
            lock (clock._lock)
            {
                if (_disposed) return;
            }

            if (_context is null) callback(state);
            else ExecutionContext.Run(_context, static timer => ((ScheduledTimer)timer!).Invoke(), this);
        }

        public void Dispose()
        {
            lock (clock._lock)
            {
                _disposed = true;
                Unschedule();
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private void Invoke() => callback(state);
    }
}
