using Zalando.Postgres.Sdk.Testing.Time;

namespace Zalando.Postgres.Sdk.Testing.Tests.Time;

public sealed class ManualTimeProviderTests
{
    private readonly ManualTimeProvider _clock = new();

    [Fact]
    public void Timers_fire_in_the_order_of_their_times_and_see_their_own_time()
    {
        var seen = new List<string>();
        using var late = Timer("late", 20);
        using var early = Timer("early", 10);
        using var never = Timer("never", 31);
        _clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(["early at 10", "late at 20"], seen);
        Assert.Equal(1, _clock.PendingTimers);
        Assert.Equal(TimeSpan.FromSeconds(1), _clock.UntilNextTimer);

        ITimer Timer(string name, int seconds) => _clock.CreateTimer(
            _ => seen.Add($"{name} at {_clock.GetElapsedTime(0).TotalSeconds}"), null, TimeSpan.FromSeconds(seconds), Timeout.InfiniteTimeSpan);
    }

    [Fact]
    public void A_periodic_timer_fires_once_per_period_until_it_is_disposed()
    {
        var count = 0;
        var timer = _clock.CreateTimer(_ => count++, null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2));
        _clock.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal(3, count);
        timer.Dispose();
        _clock.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(3, count);
        Assert.Equal(0, _clock.PendingTimers);
        Assert.False(timer.Change(TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan));
    }

    [Fact]
    public void A_changed_timer_forgets_its_old_time()
    {
        var fired = new List<double>();
        using var timer = _clock.CreateTimer(_ => fired.Add(_clock.GetElapsedTime(0).TotalSeconds), null, TimeSpan.FromSeconds(5), Timeout.InfiniteTimeSpan);
        Assert.True(timer.Change(TimeSpan.FromSeconds(8), Timeout.InfiniteTimeSpan));
        _clock.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal([8], fired);
    }

    [Fact]
    public async Task A_loop_of_delays_goes_round_as_often_as_in_real_time()
    {
        var rounds = 0;
        using var stop = new CancellationTokenSource();
        var loop = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                await Task.Delay(TimeSpan.FromSeconds(10), _clock, stop.Token);
                rounds++;
            }
        }, TestContext.Current.CancellationToken);
        await _clock.WaitForPendingTimersAsync(1, TestContext.Current.CancellationToken);
        await _clock.AdvanceAsync(TimeSpan.FromSeconds(65), TestContext.Current.CancellationToken);
        Assert.Equal(6, rounds);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => loop);
    }

    [Fact]
    public async Task A_deadline_cancels_at_its_time()
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(5), _clock);
        await _clock.AdvanceAsync(TimeSpan.FromMinutes(5) - TimeSpan.FromTicks(1), TestContext.Current.CancellationToken);
        Assert.False(deadline.IsCancellationRequested);
        await _clock.AdvanceAsync(TimeSpan.FromTicks(1), TestContext.Current.CancellationToken);
        Assert.True(deadline.IsCancellationRequested);
    }

    [Fact]
    public void A_jump_of_the_wall_clock_moves_no_timer()
    {
        var before = (_clock.GetUtcNow(), _clock.GetTimestamp());
        using var timer = _clock.CreateTimer(_ => Assert.Fail("fired"), null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);
        _clock.JumpWallClock(TimeSpan.FromHours(-3));
        Assert.Equal((before.Item1.AddHours(-3), before.Item2), (_clock.GetUtcNow(), _clock.GetTimestamp()));
    }

    [Fact]
    public async Task A_timer_without_delay_fires_at_once()
    {
        var fired = new TaskCompletionSource();
        await using var timer = _clock.CreateTimer(_ => fired.SetResult(), null, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        await fired.Task.WaitAsync(TestContext.Current.CancellationToken);
        Assert.False(_clock.AdvanceToNextTimer());
    }

    [Fact]
    public void Advancing_to_the_next_timer_moves_exactly_there()
    {
        using var timer = _clock.CreateTimer(_ => { }, null, TimeSpan.FromSeconds(7), Timeout.InfiniteTimeSpan);
        Assert.True(_clock.AdvanceToNextTimer());
        Assert.Equal(TimeSpan.FromSeconds(7), _clock.GetElapsedTime(0));
        Assert.Equal(new DateTimeOffset(2026, 1, 1, 0, 0, 7, TimeSpan.Zero), _clock.GetUtcNow());
    }
}
