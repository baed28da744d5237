using Zalando.Postgres.Sdk.Kubernetes.Client;
using Zalando.Postgres.Sdk.Kubernetes.Configuration;
using Zalando.Postgres.Sdk.Kubernetes.Leadership;
using Zalando.Postgres.Sdk.Kubernetes.Tests.Fakes;
using Zalando.Postgres.Sdk.Testing.Time;

namespace Zalando.Postgres.Sdk.Kubernetes.Tests.Leadership;

public sealed class LeaseElectionTests
{
    private readonly LeaseServer _server = new();
    private readonly ManualTimeProvider _clock = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_comes_first_leads_and_who_waits_follows_as_soon_as_the_lease_is_released()
    {
        var (a, b) = (Candidate("a"), Candidate("b"));
        var first = await a.Election.AcquireAsync(Stop);
        var waiting = b.Election.AcquireAsync(Stop);
        await PassAsync(TimeSpan.FromMinutes(5), a, b);
        Assert.False(waiting.IsCompleted);
        Assert.False(first.Token.IsCancellationRequested);
        Assert.Equal(("a", 0), (_server.Holder, first.Term));

        await first.DisposeAsync();
        Assert.True(first.Token.IsCancellationRequested);
        Assert.Null(_server.Holder);
        Assert.Equal(1, _server.Spec!["leaseDurationSeconds"]!.GetValue<int>());
        await AdvanceUntilAsync(() => waiting.IsCompleted, TimeSpan.FromSeconds(3));
        await using var second = await waiting;
        Assert.Equal(("b", 1), (_server.Holder, second.Term));
    }

    [Fact]
    public async Task A_leader_without_network_stops_before_its_successor_starts()
    {
        var (a, b) = (Candidate("a"), Candidate("b"));
        var first = await a.Election.AcquireAsync(Stop);
        var waiting = b.Election.AcquireAsync(Stop);
        await PassAsync(TimeSpan.FromSeconds(20), a, b);
        a.IsCut = true;
        await AdvanceUntilAsync(() => first.Token.IsCancellationRequested, TimeSpan.FromSeconds(10));
        Assert.False(waiting.IsCompleted);
        await AdvanceUntilAsync(() => waiting.IsCompleted, TimeSpan.FromSeconds(10));
        await using var second = await waiting;
        a.IsCut = false;
        await first.DisposeAsync();
        Assert.Equal("b", _server.Holder);
    }

    [Fact]
    public async Task A_leader_whose_lease_was_taken_stops_at_its_next_renewal()
    {
        var leadership = await Candidate("a").Election.AcquireAsync(Stop);
        _server.Take("b");
        await AdvanceUntilAsync(() => leadership.Token.IsCancellationRequested, TimeSpan.FromSeconds(3));
        await leadership.DisposeAsync();
        Assert.Equal("b", _server.Holder);
    }

    [Fact]
    public async Task Neither_a_foreign_change_of_the_lease_nor_a_jump_of_the_wall_clock_ends_leadership()
    {
        var a = Candidate("a");
        await using var leadership = await a.Election.AcquireAsync(Stop);
        _server.Label();
        _clock.JumpWallClock(TimeSpan.FromDays(-1));
        await PassAsync(TimeSpan.FromMinutes(1), a);
        _clock.JumpWallClock(TimeSpan.FromDays(2));
        await PassAsync(TimeSpan.FromMinutes(1), a);
        Assert.False(leadership.Token.IsCancellationRequested);
    }

    [Fact]
    public async Task A_renewal_that_arrives_while_its_answer_is_lost_costs_no_leadership()
    {
        var a = Candidate("a");
        await using var leadership = await a.Election.AcquireAsync(Stop);
        a.LoseAnswers = 1;
        await PassAsync(TimeSpan.FromMinutes(2), a);
        Assert.Equal(0, a.LoseAnswers);
        Assert.False(leadership.Token.IsCancellationRequested);
    }

    [Fact]
    public async Task Work_runs_under_the_token_and_again_after_leadership_came_back()
    {
        var a = Candidate("a");
        var runs = 0;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var running = a.Election.RunAsync(async token =>
        {
            runs++;
            await Task.Delay(Timeout.InfiniteTimeSpan, _clock, token);
        }, stop.Token);
        await AdvanceUntilAsync(() => runs == 1, TimeSpan.FromSeconds(5));
        a.IsCut = true;
        await _clock.AdvanceAsync(TimeSpan.FromSeconds(30), Stop);
        a.IsCut = false;
        await AdvanceUntilAsync(() => runs == 2, TimeSpan.FromSeconds(60));
        await stop.CancelAsync();
        await running;
        Assert.Null(_server.Holder);
    }

    [Fact]
    public void Times_that_do_not_fit_together_are_refused()
    {
        var exception = Assert.Throws<ArgumentException>(() => Candidate("a", renewDeadline: 15));
        Assert.Contains("RenewDeadline", exception.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Candidate("a", renewDeadline: 2));
    }

    [Fact]
    public Task At_no_time_do_two_lead_whatever_the_network_does() => Properties.ForSeedsAsync(20, async random =>
    {
        var server = new LeaseServer();
        var clock = new ManualTimeProvider();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var candidates = Enumerable.Range(0, 3).Select(i => new Member(server, clock, $"c{i}", random.NextDouble, 10)).ToArray();
        var leading = 0;
        var worst = 0;
        var terms = 0;
        var tasks = candidates.Select(candidate => candidate.Election.RunAsync(async token =>
        {
            worst = Math.Max(worst, Interlocked.Increment(ref leading));
            terms++;
            var lost = new TaskCompletionSource();
            await using var registration = token.Register(() =>
            {
                // At the very moment of the cancellation, not when the continuation runs.
                Interlocked.Decrement(ref leading);
                lost.TrySetResult();
            });
            await lost.Task;
        }, stop.Token)).ToArray();
        for (var step = 0; step < 40; step++)
        {
            foreach (var candidate in candidates)
            {
                if (random.Next(6) == 0) candidate.IsCut = !candidate.IsCut;
                if (random.Next(8) == 0) candidate.LoseAnswers = 1;
            }

            await clock.AdvanceAsync(TimeSpan.FromSeconds(random.NextDouble() * 8), Stop);
        }

        foreach (var candidate in candidates) candidate.IsCut = false;
        await stop.CancelAsync();
        for (var i = 0; i < 60 && !Task.WhenAll(tasks).IsCompleted; i++) await clock.AdvanceAsync(TimeSpan.FromSeconds(1), CancellationToken.None);
        await Task.WhenAll(tasks);
        Assert.Equal(1, worst);
        Assert.True(terms > 0);
    });

    private Member Candidate(string identity, int renewDeadline = 10) => new(_server, _clock, identity, () => 0.5, renewDeadline);

    // Time passes only while all rest, so a slow machine changes nothing.
    private async Task PassAsync(TimeSpan by, params Member[] members)
    {
        var left = by;
        while (true)
        {
            foreach (var member in members) await member.Time.WhenRestingAsync(Stop);
            if (_clock.UntilNextTimer is not { } next || next > left) break;
            _clock.AdvanceToNextTimer();
            left -= next;
        }

        _clock.Advance(left);
        foreach (var member in members) await member.Time.WhenRestingAsync(Stop);
    }

    private async Task AdvanceUntilAsync(Func<bool> condition, TimeSpan atMost)
    {
        for (var passed = TimeSpan.Zero; passed < atMost && !condition(); passed += TimeSpan.FromMilliseconds(100)) await _clock.AdvanceAsync(TimeSpan.FromMilliseconds(100), Stop);
        Assert.True(condition(), $"not within {atMost}");
    }

    private sealed class Member
    {
        private int _loseAnswers;

        public Member(LeaseServer server, ManualTimeProvider clock, string identity, Func<double> random, int renewDeadline)
        {
            Time = new RestingTime(clock);
            var handler = server.Connect(Time, () => IsCut, () => _loseAnswers > 0 && Interlocked.Decrement(ref _loseAnswers) >= 0);
            var client = new KubernetesClient(KubernetesClientConfiguration.FromHandler(new Uri("http://server"), handler),
                new KubernetesClientOptions { TimeProvider = Time, Random = random, AttemptTimeout = TimeSpan.FromSeconds(3) });
            Election = new LeaseElection(client, new LeaseElectionOptions
            {
                Namespace = "ns", Name = "operator", Identity = identity, TimeProvider = Time, Random = random, RenewDeadline = TimeSpan.FromSeconds(renewDeadline),
            });
        }

        public RestingTime Time { get; }

        public LeaseElection Election { get; }

        public bool IsCut { get; set; }

        public int LoseAnswers
        {
            get => Math.Max(0, _loseAnswers);
            set => _loseAnswers = value;
        }
    }
}
