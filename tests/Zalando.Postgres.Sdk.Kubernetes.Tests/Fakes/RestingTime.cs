namespace Zalando.Postgres.Sdk.Kubernetes.Tests.Fakes;

/// <summary>A clock that knows whether those who use it rest: they wait for time to pass, or for an answer that never comes. Then, and only then, may a test let
/// time pass: how long the machine takes to get there does not matter.</summary>
internal sealed class RestingTime(TimeProvider inner) : TimeProvider
{
    private readonly Lock _lock = new();
    private TaskCompletionSource _rests = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _resting;

    public override long TimestampFrequency => inner.TimestampFrequency;

    public override TimeZoneInfo LocalTimeZone => inner.LocalTimeZone;

    public override DateTimeOffset GetUtcNow() => inner.GetUtcNow();

    public override long GetTimestamp() => inner.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        // A delay is a task; a deadline is a token source, and nobody rests because of one.
        if (state is not Task) return inner.CreateTimer(callback, state, dueTime, period);
        Begin();
        var delay = new Delay(this, callback);
        delay.Timer = inner.CreateTimer(delay.Fire, state, dueTime, period);
        return delay;
    }

    /// <summary>Waits for an answer that never comes, until cancelled.</summary>
    public async Task HangAsync(CancellationToken cancellationToken)
    {
        Begin();
        // At the moment of the cancellation, not when the continuation runs.
        await using var registration = cancellationToken.Register(End);
        await Task.Delay(Timeout.InfiniteTimeSpan, inner, cancellationToken);
    }

    /// <summary>Completes when there is nothing to do before time passes.</summary>
    public async Task WhenRestingAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task rests;
            lock (_lock)
            {
                if (_resting > 0) return;
                rests = _rests.Task;
            }

            await rests.WaitAsync(cancellationToken);
        }
    }

    private void Begin()
    {
        lock (_lock)
        {
            _resting++;
            _rests.TrySetResult();
        }
    }

    private void End()
    {
        lock (_lock)
        {
            if (--_resting == 0) _rests = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    private sealed class Delay(RestingTime time, TimerCallback callback) : ITimer
    {
        private int _over;

        public ITimer? Timer { get; set; }

        public void Fire(object? state)
        {
            EndOnce();
            callback(state);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period) => Timer!.Change(dueTime, period);

        public void Dispose()
        {
            EndOnce();
            Timer?.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private void EndOnce()
        {
            if (Interlocked.Exchange(ref _over, 1) == 0) time.End();
        }
    }
}
