using Zalando.Postgres.Sdk.Kubernetes.Client;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Kubernetes.Leadership;

/// <summary>One term of leadership. It is renewed in the background until it is lost or disposed.</summary>
public sealed class Leadership : IAsyncDisposable
{
    private readonly LeaseElection _election;
    private readonly CancellationTokenSource _lost;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _renewing;
    private Lease _lease;
    private bool _taken;
    private int _disposed;

    internal Leadership(LeaseElection election, Lease lease, long startedAt)
    {
        _election = election;
        _lease = lease;
        Term = lease.Spec?.LeaseTransitions ?? 0;
        _lost = new CancellationTokenSource(Left(startedAt), election.Time);
        Token = _lost.Token;
        _renewing = RenewAsync();
    }

    /// <summary>Cancelled when this candidate does not lead any more, at the latest when its last renewal is too old to be sure.</summary>
    public CancellationToken Token { get; }

    /// <summary>Counts the terms of the lease; grows with each, so it can fence off what an earlier leader started.</summary>
    public int Term { get; }

    /// <summary>Steps down: cancels <see cref="Token"/>, and gives the lease back so that another candidate need not wait. Dispose when the work has ended.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        var wasLost = _lost.IsCancellationRequested;
        await _stop.CancelAsync().ConfigureAwait(false);
        await _lost.CancelAsync().ConfigureAwait(false);
        await _renewing.ConfigureAwait(false);
        // Lost by time but held by nobody else: releasing is right too. Held by somebody else: the version no longer fits, and nothing happens.
        if (!_taken)
        {
            using var deadline = new CancellationTokenSource(_election.RenewDeadline, _election.Time);
            await _election.ReleaseAsync(_lease, deadline.Token).ConfigureAwait(false);
        }

        if (!wasLost) _election.ReportSteppedDown();
        _lost.Dispose();
        _stop.Dispose();
    }

    private TimeSpan Left(long startedAt)
    {
        var left = _election.RenewDeadline - _election.Time.GetElapsedTime(startedAt);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private async Task RenewAsync()
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(_lost.Token, _stop.Token);
        try
        {
            while (true)
            {
                await Task.Delay(_election.NextRetry(), _election.Time, either.Token).ConfigureAwait(false);
                var started = _election.Time.GetTimestamp();
                try
                {
                    if (await _election.RenewAsync(_lease, either.Token).ConfigureAwait(false) is not { } renewed)
                    {
                        _taken = true;
                        _election.ReportLost($"{_election.Holder ?? "nobody"} holds it now");
                        await _lost.CancelAsync().ConfigureAwait(false);
                        return;
                    }

                    _lease = renewed;
                    _lost.CancelAfter(Left(started));
                }
                catch (KubernetesApiException exception)
                {
                    _election.ReportTrouble($"renewal failed: {exception.Message}");
                }
            }
        }
        catch (OperationCanceledException)
        {
            if (!_stop.IsCancellationRequested) _election.ReportLost("no renewal succeeded in time");
        }
    }
}
