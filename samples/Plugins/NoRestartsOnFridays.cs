using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Reconciliation.Plugins;

namespace Zalando.Postgres.Sdk.Samples.Plugins;

/// <summary>Lets nothing that interrupts users happen on a Friday.</summary>
/// <param name="time">The clock.</param>
public sealed class NoRestartsOnFridays(TimeProvider time) : IPlanPolicy
{
    /// <inheritdoc />
    public ValueTask<PolicyDecision> DecideAsync(Plan plan, PlannedChange change, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        return ValueTask.FromResult(change.Disruption < Disruption.PostgresRestart || now.DayOfWeek != DayOfWeek.Friday
            ? PolicyDecision.Allow
            : PolicyDecision.Wait("nothing is restarted on Fridays", new DateTimeOffset(now.UtcDateTime.Date.AddDays(1), TimeSpan.Zero)));
    }
}
