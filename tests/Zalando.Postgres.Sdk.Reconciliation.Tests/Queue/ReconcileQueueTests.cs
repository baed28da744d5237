using FsCheck;
using FsCheck.Fluent;
using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Reconciliation.Queue;
using Zalando.Postgres.Sdk.Testing.Time;

namespace Zalando.Postgres.Sdk.Reconciliation.Tests.Queue;

public sealed class ReconcileQueueTests
{
    private static readonly ClusterKey A = new("default", "a");
    private static readonly ClusterKey B = new("default", "b");
    private static readonly ClusterKey C = new("default", "c");

    private readonly ManualTimeProvider _time = new();
    private readonly ReconcileQueue _queue;

    public ReconcileQueueTests() => _queue = new ReconcileQueue(_time, new QueueOptions { Jitter = 0 }, () => 0);

    [Fact]
    public async Task A_cluster_that_is_added_twice_is_given_out_once()
    {
        _queue.Add(A, ReconcilePriority.Observed);
        _queue.Add(A, ReconcilePriority.Observed);
        Assert.Equal(A, await Take());
        Assert.Equal(0, _queue.ReadyCount);
    }

    [Fact]
    public async Task Edits_go_before_changes_and_changes_before_resyncs()
    {
        _queue.Add(A, ReconcilePriority.Resync);
        _queue.Add(B, ReconcilePriority.Observed);
        _queue.Add(C, ReconcilePriority.Edit);
        Assert.Equal([C, B, A], [await Take(), await Take(), await Take()]);
    }

    [Fact]
    public async Task What_is_due_later_than_any_timer_can_wait_is_given_out_early()
    {
        _queue.Add(A, ReconcilePriority.Edit);
        await Take();
        _queue.Complete(A, ReconcileResult.After(TimeSpan.FromDays(400)));
        _time.Advance(TimeSpan.FromDays(29));
        Assert.Equal(0, _queue.ReadyCount);
        _time.Advance(TimeSpan.FromDays(2));
        Assert.Equal(1, _queue.ReadyCount);

        using var real = new ReconcileQueue(TimeProvider.System, new QueueOptions(), () => 0);
        real.Add(A, ReconcilePriority.Edit);
        await real.TakeAsync(TestContext.Current.CancellationToken);
        real.Complete(A, ReconcileResult.After(TimeSpan.FromDays(400)));
        Assert.Equal(1, real.DelayedCount);
    }

    [Fact]
    public async Task A_waiting_resync_becomes_urgent_when_somebody_edits()
    {
        _queue.Add(A, ReconcilePriority.Observed);
        _queue.Add(B, ReconcilePriority.Resync);
        _queue.Add(B, ReconcilePriority.Edit);
        Assert.Equal([B, A], [await Take(), await Take()]);
        Assert.Equal(0, _queue.ReadyCount);
    }

    [Fact]
    public async Task A_cluster_is_not_given_out_while_its_pass_runs_and_exactly_once_afterwards()
    {
        _queue.Add(A, ReconcilePriority.Observed);
        await Take();
        _queue.Add(A, ReconcilePriority.Resync);
        _queue.Add(A, ReconcilePriority.Edit);
        Assert.Equal(0, _queue.ReadyCount);
        _queue.Complete(A, ReconcileResult.Done);
        Assert.Equal(1, _queue.ReadyCount);
        await Take();
        _queue.Complete(A, ReconcileResult.Done);
        Assert.Equal(0, _queue.ReadyCount);
    }

    [Fact]
    public async Task A_taker_waits_until_a_cluster_arrives()
    {
        var taking = Take();
        Assert.False(taking.IsCompleted);
        _queue.Add(A, ReconcilePriority.Observed);
        Assert.Equal(A, await taking);
    }

    [Fact]
    public async Task A_cancelled_taker_loses_no_cluster()
    {
        using var cancelled = new CancellationTokenSource();
        var first = _queue.TakeAsync(cancelled.Token).AsTask();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        _queue.Add(A, ReconcilePriority.Observed);
        Assert.Equal(A, await Take());
    }

    [Fact]
    public async Task Failures_in_a_row_pause_longer_and_longer_up_to_the_limit()
    {
        var pauses = new List<TimeSpan>();
        _queue.Add(A, ReconcilePriority.Observed);
        for (var i = 0; i < 12; i++)
        {
            await Take();
            _queue.Complete(A, ReconcileResult.Failure);
            pauses.Add(_time.UntilNextTimer!.Value);
            _time.Advance(_time.UntilNextTimer!.Value);
        }

        Assert.Equal(TimeSpan.FromMilliseconds(500), pauses[0]);
        Assert.Equal(TimeSpan.FromSeconds(1), pauses[1]);
        Assert.Equal(TimeSpan.FromSeconds(2), pauses[2]);
        Assert.Equal(TimeSpan.FromMinutes(5), pauses[11]);
        Assert.Equal(pauses.Order(), pauses);
    }

    [Fact]
    public async Task A_success_ends_the_row_of_failures()
    {
        _queue.Add(A, ReconcilePriority.Observed);
        await Take();
        _queue.Complete(A, ReconcileResult.Failure);
        Assert.Equal(1, _queue.FailuresOf(A));
        _time.Advance(TimeSpan.FromSeconds(1));
        await Take();
        _queue.Complete(A, ReconcileResult.After(TimeSpan.FromMinutes(1)));
        Assert.Equal(0, _queue.FailuresOf(A));
    }

    [Fact]
    public async Task An_edit_ends_the_pause_of_a_failing_cluster_at_once()
    {
        await Fail(A, times: 8);
        _queue.Add(A, ReconcilePriority.Edit);
        Assert.Equal(A, await Take());
    }

    [Fact]
    public async Task An_observed_change_shortens_the_pause_of_a_failing_cluster_and_a_resync_does_not()
    {
        await Fail(A, times: 12);
        _queue.Add(A, ReconcilePriority.Resync);
        Assert.Equal(TimeSpan.FromMinutes(5), _time.UntilNextTimer);
        _queue.Add(A, ReconcilePriority.Observed);
        Assert.Equal(0, _queue.ReadyCount);
        Assert.Equal(TimeSpan.FromSeconds(10), _time.UntilNextTimer);
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(A, await Take());
    }

    [Fact]
    public async Task A_pause_that_a_pass_asks_for_ends_by_itself_or_with_the_next_change()
    {
        _queue.Add(A, ReconcilePriority.Observed);
        await Take();
        _queue.Complete(A, ReconcileResult.After(TimeSpan.FromHours(3)));
        Assert.Equal(1, _queue.DelayedCount);
        _queue.Add(A, ReconcilePriority.Observed);
        Assert.Equal(A, await Take());
        _queue.Complete(A, ReconcileResult.After(TimeSpan.FromHours(3)));
        _time.Advance(TimeSpan.FromHours(3));
        Assert.Equal(A, await Take());
    }

    [Fact]
    public async Task One_failing_cluster_does_not_hold_back_another()
    {
        await Fail(A, times: 5);
        _queue.Add(B, ReconcilePriority.Resync);
        Assert.Equal(B, await Take());
    }

    [Fact]
    public async Task Idle_means_that_nothing_runs_and_nothing_waits_to_be_taken()
    {
        Assert.True(_queue.WhenIdleAsync(CancellationToken.None).IsCompletedSuccessfully);
        _queue.Add(A, ReconcilePriority.Observed);
        var idle = _queue.WhenIdleAsync(CancellationToken.None);
        Assert.False(idle.IsCompleted);
        await Take();
        Assert.False(idle.IsCompleted);
        _queue.Complete(A, ReconcileResult.After(TimeSpan.FromHours(1)));
        await idle;
    }

    [Fact]
    public void Whatever_is_added_and_completed_no_cluster_runs_twice_and_none_is_lost()
    {
        var steps = Gen.Choose(0, 5).Two().ListOf().ToArbitrary();
        Prop.ForAll(steps, actions =>
        {
            var time = new ManualTimeProvider();
            using var queue = new ReconcileQueue(time, new QueueOptions(), () => 0.5);
            var running = new HashSet<ClusterKey>();
            var owed = new HashSet<ClusterKey>();
            foreach (var (action, which) in actions)
            {
                var key = new ClusterKey("n", which.ToString());
                switch (action)
                {
                    case <= 2:
                        queue.Add(key, (ReconcilePriority)action);
                        owed.Add(key);
                        break;
                    case 3 when running.Contains(key):
                        running.Remove(key);
                        queue.Complete(key, which % 2 == 0 ? ReconcileResult.Failure : ReconcileResult.Done);
                        if (which % 2 == 0) owed.Add(key);
                        break;
                    default:
                        while (queue.ReadyCount > 0)
                        {
                            var taken = queue.TakeAsync(CancellationToken.None).AsTask();
                            if (!taken.IsCompletedSuccessfully) return false;
                            var next = Completed(taken);
                            if (!running.Add(next)) return false;
                            owed.Remove(next);
                        }

                        break;
                }
            }

            // Everything that is owed a pass is ready, pauses, or follows the running pass.
            foreach (var key in running.ToList())
            {
                running.Remove(key);
                queue.Complete(key, ReconcileResult.Done);
            }

            while (owed.Count > 0)
            {
                if (queue.ReadyCount == 0 && !time.AdvanceToNextTimer()) return false;
                while (queue.ReadyCount > 0)
                {
                    var next = Completed(queue.TakeAsync(CancellationToken.None).AsTask());
                    owed.Remove(next);
                    queue.Complete(next, ReconcileResult.Done);
                }
            }

            return true;
        }).Check(Config.QuickThrowOnFailure);
    }

#pragma warning disable VSTHRD002, xUnit1031 // properties are synchronous, and the task has completed
    private static ClusterKey Completed(Task<ClusterKey> task)
    {
        Assert.True(task.IsCompletedSuccessfully);
        return task.GetAwaiter().GetResult();
    }
#pragma warning restore VSTHRD002, xUnit1031

    private Task<ClusterKey> Take() => _queue.TakeAsync(TestContext.Current.CancellationToken).AsTask();

    private async Task Fail(ClusterKey key, int times)
    {
        _queue.Add(key, ReconcilePriority.Observed);
        for (var i = 0; i < times; i++)
        {
            await Take();
            _queue.Complete(key, ReconcileResult.Failure);
            if (i < times - 1) _time.Advance(_time.UntilNextTimer!.Value);
        }
    }
}
