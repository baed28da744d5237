using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Patroni;
using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Reconciliation.Execution;
using Zalando.Postgres.Sdk.Reconciliation.Observation;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Reconciliation.Patroni;

/// <summary>Makes the changes that go through Patroni: its configuration, restarts, switchovers. What takes its time is begun and looked after by the next passes.</summary>
/// <param name="patroni">The REST client.</param>
/// <param name="addresses">Where the REST API of a pod is; null for port 8008 of its address.</param>
public sealed class PatroniChangeExecutor(IPatroniClient patroni, Func<JsonObject, Uri?>? addresses = null) : IChangeExecutor
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(2);

    private readonly Func<JsonObject, Uri?> _addresses = addresses ?? PatroniEndpoint.Of;

    /// <inheritdoc />
    public bool Handles(PlannedChange change) => change is Switchover or PatchPatroniConfiguration or RestartPostgres;

    /// <inheritdoc />
    public async Task<ChangeResult> ExecuteAsync(PassContext context, PlannedChange change, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(change);
        try
        {
            return change switch
            {
                PatchPatroniConfiguration patch => await PatchAsync(context, patch, cancellationToken).ConfigureAwait(false),
                RestartPostgres restart => await RestartAsync(context, restart, cancellationToken).ConfigureAwait(false),
                Switchover switchover => await SwitchOverAsync(context, switchover, cancellationToken).ConfigureAwait(false),
                _ => throw new ArgumentException($"A {change.GetType().Name} does not go through Patroni.", nameof(change)),
            };
        }
        catch (PatroniException e)
        {
            return new ChangeResult(change, ChangeOutcome.Failed, e.Message) { IsTransient = true };
        }
        catch (OperationCanceledException) when (change is not PatchPatroniConfiguration)
        {
            // Patroni goes on without us; the member's state tells how far it is.
            return new ChangeResult(change, ChangeOutcome.InProgress, "Patroni has not answered yet.") { LookAgainAfter = LookAgain };
        }
    }

    private async Task<ChangeResult> PatchAsync(PassContext context, PatchPatroniConfiguration change, CancellationToken cancellationToken)
    {
        if (AnyMember(context) is not { } member) return NobodyThere(change);
        await patroni.PatchConfigurationAsync(member, (JsonObject)change.Patch.DeepClone(), cancellationToken).ConfigureAwait(false);
        // The store shows the new configuration when the watch delivers it: planning again before that would patch again.
        return new ChangeResult(change, ChangeOutcome.InProgress, "Patroni has the new configuration.") { LookAgainAfter = LookAgain };
    }

    private async Task<ChangeResult> RestartAsync(PassContext context, RestartPostgres change, CancellationToken cancellationToken)
    {
        if (AddressOf(context, change.Target.Name) is not { } member) return NobodyThere(change);
        // Without the role: its word differs between versions, and a failover in between is seen by the next plan.
        var result = await patroni.RestartAsync(member, new RestartRequest { OnlyIfPending = change.OnlyIfPending }, cancellationToken).ConfigureAwait(false);
        return result.Outcome switch
        {
            RestartOutcome.Failed or RestartOutcome.Refused => new ChangeResult(change, ChangeOutcome.Failed, $"Patroni of {change.Target.Name}: {result.Text}") { IsTransient = result.Outcome == RestartOutcome.Refused },
            _ => new ChangeResult(change, ChangeOutcome.InProgress, result.Text) { LookAgainAfter = LookAgain },
        };
    }

    private async Task<ChangeResult> SwitchOverAsync(PassContext context, Switchover change, CancellationToken cancellationToken)
    {
        // Patroni's record is ahead of the labels on the pods for a moment: a switchover that has happened is not asked for again.
        var leader = context.Observed.Patroni?.Members.FirstOrDefault(m => m.Role is MemberRole.Primary or MemberRole.StandbyLeader)?.Name;
        if (leader is not null && leader != change.Leader)
            return new ChangeResult(change, ChangeOutcome.InProgress, $"{leader} leads already.") { LookAgainAfter = LookAgain };
        if ((AddressOf(context, change.Leader) ?? AnyMember(context)) is not { } member) return NobodyThere(change);
        var result = await patroni.SwitchoverAsync(member, new SwitchoverRequest { Leader = change.Leader, Candidate = change.Candidate }, cancellationToken).ConfigureAwait(false);
        return result.Outcome switch
        {
            SwitchoverOutcome.Refused or SwitchoverOutcome.Failed => new ChangeResult(change, ChangeOutcome.Failed, $"switchover from {change.Leader} to {change.Candidate}: {result.Text}") { IsTransient = true },
            SwitchoverOutcome.OtherLeader => new ChangeResult(change, ChangeOutcome.InProgress, $"{result.NewLeader} became the primary instead of {change.Candidate}.") { LookAgainAfter = LookAgain },
            _ => new ChangeResult(change, ChangeOutcome.InProgress, result.Text) { LookAgainAfter = LookAgain },
        };
    }

    private static ChangeResult NobodyThere(PlannedChange change) =>
        new(change, ChangeOutcome.Failed, $"{change.Target}: no member has an address to ask.") { IsTransient = true };

    private Uri? AddressOf(PassContext context, string podName) =>
        context.Observed.Find(KubernetesKinds.Pod, context.Plan.Cluster.Namespace, podName) is { } pod ? _addresses(pod) : null;

    private Uri? AnyMember(PassContext context) => PatroniEndpoint.Members(context.Observed, context.Settings, context.Plan.Cluster).Select(_addresses).FirstOrDefault(a => a is not null);
}
