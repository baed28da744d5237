using Microsoft.Extensions.Logging;
using Zalando.Postgres.Sdk.Kubernetes.Client;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Kubernetes.Leadership;

/// <summary>At most one of many candidates leads, as a <c>Lease</c> says. Leading is a <see cref="CancellationToken"/>: what runs under it stops in time.</summary>
/// <remarks>
/// <para>A leader's token is cancelled <see cref="LeaseElectionOptions.RenewDeadline"/> after the <em>start</em> of its last successful renewal, whatever
/// the network does; the others wait <see cref="LeaseElectionOptions.LeaseDuration"/> after they <em>saw</em> that renewal. The difference is what
/// running work has to stop. All of it is measured with monotonic clocks, so clocks of different machines need not agree.</para>
/// <para>A candidate of the same identity as the holder takes the lease at once: it is the successor of a process that is gone.</para>
/// </remarks>
public sealed partial class LeaseElection
{
    private readonly IKubernetesClient _client;
    private readonly LeaseElectionOptions _options;
    private readonly TimeProvider _time;
    private (string Version, long At)? _observed;

    /// <summary>A candidate; does nothing until asked.</summary>
    /// <param name="client">The server that has the lease.</param>
    /// <param name="options">Which lease, and how fast.</param>
    /// <exception cref="ArgumentException">The times do not fit together.</exception>
    public LeaseElection(IKubernetesClient client, LeaseElectionOptions options)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(options);
        if (options.RenewDeadline >= options.LeaseDuration)
            throw new ArgumentException($"RenewDeadline ({options.RenewDeadline}) must be shorter than LeaseDuration ({options.LeaseDuration}): a leader has to stop before another one starts");
        if (options.RetryPeriod * 1.2 >= options.RenewDeadline)
            throw new ArgumentException($"RetryPeriod ({options.RetryPeriod}) must leave room for a second try within RenewDeadline ({options.RenewDeadline})");
        if (options.Identity.Length == 0) throw new ArgumentException("Identity is empty");
        _client = client;
        _options = options;
        _time = options.TimeProvider;
    }

    /// <summary>Who holds the lease, as last seen; null for nobody or not yet known.</summary>
    public string? Holder { get; private set; }

    /// <summary>Waits until this candidate leads.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The leadership; dispose it to step down.</returns>
    public async Task<Leadership> AcquireAsync(CancellationToken cancellationToken)
    {
        using var priority = RequestPriorityScope.Enter(RequestPriority.High);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var started = _time.GetTimestamp();
            try
            {
                using var deadline = new CancellationTokenSource(_options.RenewDeadline, _time);
                using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
                if (await TryAcquireAsync(linked.Token).ConfigureAwait(false) is { } lease)
                {
                    LogAcquired(_options.Logger, _options.Identity, _options.Namespace, _options.Name);
                    return new Leadership(this, lease, started);
                }
            }
            catch (KubernetesApiException exception)
            {
                // A conflict says that somebody else was faster; everything else may pass.
                if (!exception.IsConflict) LogTrouble(_options.Logger, _options.Namespace, _options.Name, exception.Message);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                LogTrouble(_options.Logger, _options.Namespace, _options.Name, "no answer in time");
            }

            await Task.Delay(Spread(_options.RetryPeriod), _time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Runs work whenever this candidate leads, until the work ends by itself or the token is cancelled; then steps down.</summary>
    /// <param name="work">The work. Its token is cancelled when leadership is lost or the caller stops; another candidate may lead soon after, so it must end then.</param>
    /// <param name="cancellationToken">Stops work and candidacy; the method then returns.</param>
    public async Task RunAsync(Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(work);
        while (!cancellationToken.IsCancellationRequested)
        {
            Leadership leadership;
            try
            {
                leadership = await AcquireAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }

            await using (leadership.ConfigureAwait(false))
            {
                using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, leadership.Token);
                try
                {
                    await work(either.Token).ConfigureAwait(false);
                    if (!leadership.Token.IsCancellationRequested) return;
                }
                catch (OperationCanceledException) when (either.IsCancellationRequested)
                {
                    // Lost, or stopped: the loop's condition tells.
                }
            }
        }
    }

    internal TimeSpan RenewDeadline => _options.RenewDeadline;

    internal TimeProvider Time => _time;

    internal TimeSpan NextRetry() => Spread(_options.RetryPeriod);

    /// <summary>Renews the lease; null when somebody else has it now.</summary>
    internal async Task<Lease?> RenewAsync(Lease held, CancellationToken cancellationToken)
    {
        using var priority = RequestPriorityScope.Enter(RequestPriority.High);
        try
        {
            var renewed = held with { Spec = held.Spec! with { RenewTime = Now(), HolderIdentity = _options.Identity, LeaseDurationSeconds = Seconds(_options.LeaseDuration) } };
            return await _client.ReplaceAsync(renewed, null, null, cancellationToken).ConfigureAwait(false);
        }
        catch (KubernetesApiException exception) when (exception.IsConflict || exception.IsNotFound)
        {
            var current = await _client.GetAsync<Lease>(_options.Namespace, _options.Name, cancellationToken).ConfigureAwait(false);
            if (current?.Spec?.HolderIdentity != _options.Identity)
            {
                Holder = current?.Spec?.HolderIdentity;
                return null;
            }

            // Ours still: somebody has put a label on it, or our own renewal arrived though its answer did not.
            return await _client.ReplaceAsync(current with { Spec = current.Spec with { RenewTime = Now() } }, null, null, cancellationToken).ConfigureAwait(false);
        }
    }

    internal async Task ReleaseAsync(Lease held, CancellationToken cancellationToken)
    {
        using var priority = RequestPriorityScope.Enter(RequestPriority.High);
        try
        {
            var released = held with { Spec = held.Spec! with { HolderIdentity = null, LeaseDurationSeconds = 1, RenewTime = Now() } };
            await _client.ReplaceAsync(released, null, null, cancellationToken).ConfigureAwait(false);
            Holder = null;
            LogReleased(_options.Logger, _options.Identity, _options.Namespace, _options.Name);
        }
        catch (Exception exception) when (exception is KubernetesApiException or OperationCanceledException)
        {
            // The others find out by themselves, after the lease's duration.
            LogTrouble(_options.Logger, _options.Namespace, _options.Name, $"not released: {exception.Message}");
        }
    }

    internal void ReportLost(string why)
    {
        LogLost(_options.Logger, _options.Identity, _options.Namespace, _options.Name, why);
        if (Holder == _options.Identity) Holder = null;
    }

    internal void ReportSteppedDown()
    {
        if (Holder == _options.Identity) Holder = null;
    }

    internal void ReportTrouble(string problem) => LogTrouble(_options.Logger, _options.Namespace, _options.Name, problem);

    private static int Seconds(TimeSpan time) => Math.Max(1, (int)Math.Ceiling(time.TotalSeconds));

    private TimeSpan Spread(TimeSpan period) => period * (0.9 + 0.2 * _options.Random());

    private MicroTime Now() => new(_time.GetUtcNow());

    private async Task<Lease?> TryAcquireAsync(CancellationToken cancellationToken)
    {
        var lease = await _client.GetAsync<Lease>(_options.Namespace, _options.Name, cancellationToken).ConfigureAwait(false);
        var now = Now();
        var mine = new LeaseSpec { HolderIdentity = _options.Identity, LeaseDurationSeconds = Seconds(_options.LeaseDuration), AcquireTime = now, RenewTime = now, LeaseTransitions = 0 };
        if (lease is null)
        {
            var created = await _client.CreateAsync(new Lease { Metadata = new ObjectMeta { Namespace = _options.Namespace, Name = _options.Name }, Spec = mine }, null, cancellationToken)
                .ConfigureAwait(false);
            Holder = _options.Identity;
            return created;
        }

        if (!IsFree(lease)) return null;
        var taken = lease with { Spec = mine with { LeaseTransitions = (lease.Spec?.LeaseTransitions ?? 0) + 1 } };
        taken = await _client.ReplaceAsync(taken, null, null, cancellationToken).ConfigureAwait(false);
        Holder = _options.Identity;
        return taken;
    }

    private bool IsFree(Lease lease)
    {
        var holder = lease.Spec?.HolderIdentity;
        Holder = string.IsNullOrEmpty(holder) ? null : holder;
        if (Holder is null || Holder == _options.Identity) return true;
        var version = lease.Metadata.ResourceVersion ?? "";
        if (_observed is not { } observed || observed.Version != version)
        {
            // Renewed since we last looked: its time starts to count now, by our own clock.
            _observed = (version, _time.GetTimestamp());
            return false;
        }

        return _time.GetElapsedTime(observed.At) >= TimeSpan.FromSeconds(lease.Spec!.LeaseDurationSeconds ?? Seconds(_options.LeaseDuration));
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Identity} leads: it holds the lease {Namespace}/{Name}")]
    private static partial void LogAcquired(ILogger logger, string identity, string @namespace, string name);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Identity} has released the lease {Namespace}/{Name}")]
    private static partial void LogReleased(ILogger logger, string identity, string @namespace, string name);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Identity} does not lead any more: it has lost the lease {Namespace}/{Name}: {Why}")]
    private static partial void LogLost(ILogger logger, string identity, string @namespace, string name, string why);

    [LoggerMessage(Level = LogLevel.Warning, Message = "lease {Namespace}/{Name}: {Problem}")]
    private static partial void LogTrouble(ILogger logger, string @namespace, string name, string problem);
}
