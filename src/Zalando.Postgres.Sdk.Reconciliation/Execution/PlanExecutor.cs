using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Zalando.Postgres.Sdk.Kubernetes.Client;
using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Reconciliation.Plugins;
using Zalando.Postgres.Sdk.Reconciliation.Telemetry;

namespace Zalando.Postgres.Sdk.Reconciliation.Execution;

/// <summary>Executes a plan, one change after the other. It decides nothing: it asks the policies, stops at the first change that does not go
/// through, and leaves what to do about it to the next plan.</summary>
public sealed partial class PlanExecutor
{
    private readonly IReadOnlyList<IChangeExecutor> _executors;
    private readonly IReadOnlyList<IPlanPolicy> _policies;
    private readonly TimeProvider _time;
    private readonly TimeSpan _callTimeout;
    private readonly ILogger _logger;

    /// <summary>An executor of plans.</summary>
    /// <param name="executors">Who makes which change; the first that handles a change makes it.</param>
    /// <param name="policies">Who may hold changes back.</param>
    /// <param name="time">The clock.</param>
    /// <param name="callTimeout">How long one change may take.</param>
    /// <param name="logger">Where changes are logged.</param>
    public PlanExecutor(IReadOnlyList<IChangeExecutor> executors, IReadOnlyList<IPlanPolicy> policies, TimeProvider time, TimeSpan callTimeout, ILogger logger)
    {
        _executors = executors;
        _policies = policies;
        _time = time;
        _callTimeout = callTimeout;
        _logger = logger;
    }

    /// <summary>Executes the changes of a plan in their order until one does not go through. A change that a policy holds back is passed over, together
    /// with all later ones of its stage and of the stages that build on it.</summary>
    /// <param name="context">The pass.</param>
    /// <param name="isInterrupted">Asked before every call: whether a newer manifest or a deletion came in between.</param>
    /// <param name="cancellationToken">The end of the process.</param>
    public Task<ExecutionReport> ExecuteAsync(PassContext context, Func<bool> isInterrupted, CancellationToken cancellationToken) =>
        ExecuteAsync(context, isInterrupted, cancellationToken, static wait => wait());

    // What waits for something else than the API server (Patroni, the programs of a pod, a plugin) does so without a worker's place.
    internal async Task<ExecutionReport> ExecuteAsync(
        PassContext context, Func<bool> isInterrupted, CancellationToken cancellationToken, Func<Func<Task<ChangeResult?>>, Task<ChangeResult?>> outside)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(isInterrupted);
        var results = new List<ChangeResult>(context.Plan.Changes.Count);
        ChangeStage? skipped = null;
        foreach (var change in context.Plan.Changes)
        {
            if (change.Stage == skipped) continue;
            cancellationToken.ThrowIfCancellationRequested();
            if (isInterrupted())
            {
                results.Add(new ChangeResult(change, ChangeOutcome.Interrupted));
                break;
            }

            if (_policies.Count > 0 && await outside(() => HeldBackAsync(context.Plan, change, cancellationToken)).ConfigureAwait(false) is { } heldBack)
            {
                results.Add(heldBack);
                break;
            }

            var result = change is CreateObject or PatchObject or ReplaceObject or DeleteObject or RecreatePod or ResizePod
                ? await ExecuteOneAsync(context, change, cancellationToken).ConfigureAwait(false)
                : (await outside(async () => await ExecuteOneAsync(context, change, cancellationToken).ConfigureAwait(false)).ConfigureAwait(false))!;
            if (IsPassedOver(context, result)) result = result with { IsPassedOver = true };
            results.Add(result);
            if (result.Outcome != ChangeOutcome.Done && !result.IsPassedOver) break;
            // The steps of an upgrade that cannot begin.
            if (result.IsPassedOver && change is UpgradeMajorVersion) skipped = change.Stage;
        }

        return new ExecutionReport(results);
    }

    /// <summary>Makes one change that was planned on the way, unless a policy holds it back.</summary>
    /// <param name="context">The pass.</param>
    /// <param name="change">The change.</param>
    /// <param name="executor">Who makes it, with deadlines of its own; null for the executor that handles it.</param>
    /// <param name="cancellationToken">The end of the process.</param>
    public async Task<ChangeResult> MakeAsync(PassContext context, PlannedChange change, IChangeExecutor? executor, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(change);
        return await HeldBackAsync(context.Plan, change, cancellationToken).ConfigureAwait(false)
            ?? await ExecuteOneAsync(context, change, cancellationToken, executor).ConfigureAwait(false);
    }

    private async Task<ChangeResult> ExecuteOneAsync(PassContext context, PlannedChange change, CancellationToken cancellationToken, IChangeExecutor? own = null)
    {
        var kind = change.GetType().Name;
        using var activity = ReconciliationTelemetry.Source.StartActivity("change", ActivityKind.Client);
        activity?.SetTag("postgres_operator.change", kind).SetTag("postgres_operator.target", change.Target.ToString());
        var executor = own ?? _executors.FirstOrDefault(e => e.Handles(change));
        if (executor is null) return new ChangeResult(change, ChangeOutcome.Failed, $"Nothing here can make a change of the kind {kind}.");
        using var deadline = new CancellationTokenSource(own is null ? _callTimeout : Timeout.InfiniteTimeSpan, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        ChangeResult result;
        try
        {
            result = await executor.ExecuteAsync(context, change, both.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            result = new ChangeResult(change, ChangeOutcome.Failed, $"{change.Target}: no answer within {_callTimeout.TotalSeconds:0} s.") { IsTransient = true };
        }
        catch (KubernetesApiException e)
        {
            result = new ChangeResult(change, ChangeOutcome.Failed, e.Message) { IsTransient = e.IsTransient, LookAgainAfter = e.RetryAfter };
        }
        catch (Exception e) when (e is HttpRequestException or IOException or TimeoutException)
        {
            result = new ChangeResult(change, ChangeOutcome.Failed, $"{change.Target}: {e.Message}") { IsTransient = true };
        }

        ReconciliationTelemetry.Changes.Add(1, new("change", kind), new("outcome", result.Outcome.ToString()));
        activity?.SetTag("postgres_operator.outcome", result.Outcome.ToString());
        if (result.Outcome == ChangeOutcome.Failed)
        {
            activity?.SetStatus(ActivityStatusCode.Error, result.Message);
            ChangeFailed(_logger, context.Plan.Cluster, kind, change.Target, result.Message);
        }
        else
        {
            ChangeMade(_logger, context.Plan.Cluster, kind, change.Target, result.Outcome, string.Join("; ", change.Reasons));
        }

        return result;
    }

    private async Task<ChangeResult?> HeldBackAsync(Plan plan, PlannedChange change, CancellationToken cancellationToken)
    {
        foreach (var policy in _policies)
        {
            var name = policy.GetType().Name;
            try
            {
                using var deadline = new CancellationTokenSource(_callTimeout, _time);
                using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
                // A policy that ignores its token must not hold the worker.
                var decision = await policy.DecideAsync(plan, change, both.Token).AsTask().WaitAsync(both.Token).ConfigureAwait(false);
                if (decision.IsAllowed) continue;
                return new ChangeResult(change, ChangeOutcome.HeldBack, decision.Explanation)
                {
                    LookAgainAfter = decision.AskAgainAt is { } at ? Later(at - _time.GetUtcNow()) : null,
                };
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                // Whatever a plugin throws stays with this cluster; when it cannot say yes, nothing is done.
                return new ChangeResult(change, ChangeOutcome.Failed, $"The policy {name} failed, so nothing is changed: {e.Message}");
            }
        }

        return null;
    }

    // One Secret of one application that cannot be written (its namespace is missing, or somebody else's is in the way) holds up nothing else. Pods
    // cannot start without those of the system users.
    // A volume that cannot be changed, the object of a stream, or an upgrade that cannot begin holds up nothing else either.
    private static bool IsPassedOver(PassContext context, ChangeResult result) =>
        result is { Change: ModifyVolume or GrowFileSystem, Outcome: ChangeOutcome.InProgress or ChangeOutcome.Postponed or ChangeOutcome.Failed }
        || result is { Outcome: ChangeOutcome.Failed, IsTransient: false, Change.Stage: ChangeStage.Volumes or ChangeStage.Streams }
        || result is { Outcome: ChangeOutcome.Failed, IsTransient: false, Change: UpgradeMajorVersion { Step: UpgradeStep.Check } }
        || result is { Outcome: ChangeOutcome.Failed, IsTransient: false, Change: { Stage: ChangeStage.Secrets, Target.Kind: "Secret" } change }
        && change.Target.Name != Secret(context, context.Settings.Users.SuperUserName) && change.Target.Name != Secret(context, context.Settings.Users.ReplicationUserName);

    private static string Secret(PassContext context, string role) => Planning.Roles.RoleSecret.NameOf(role, context.Plan.Cluster.Name, context.Settings);

    private static TimeSpan Later(TimeSpan delay) => delay > TimeSpan.FromSeconds(1) ? delay : TimeSpan.FromSeconds(1);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Cluster}: {Change} {Target}: {Outcome} ({Reasons})")]
    private static partial void ChangeMade(ILogger logger, ClusterKey cluster, string change, ChangeTarget target, ChangeOutcome outcome, string reasons);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Cluster}: {Change} {Target} failed: {Message}")]
    private static partial void ChangeFailed(ILogger logger, ClusterKey cluster, string change, ChangeTarget target, string? message);
}
