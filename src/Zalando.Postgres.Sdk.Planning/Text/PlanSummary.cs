namespace Zalando.Postgres.Sdk.Planning;

/// <summary>What a plan costs, in numbers. What waits counts, too: it belongs to the same change.</summary>
public sealed record PlanSummary
{
    /// <summary>Changes to make now.</summary>
    public required int Changes { get; init; }

    /// <summary>Changes that wait.</summary>
    public required int Pending { get; init; }

    /// <summary>Database pods that are made again.</summary>
    public required int PodRestarts { get; init; }

    /// <summary>Restarts of PostgreSQL inside its pod.</summary>
    public required int PostgresRestarts { get; init; }

    /// <summary>Switchovers.</summary>
    public required int Switchovers { get; init; }

    /// <summary>How long writes may fail, in words.</summary>
    public required string ExpectedDowntime { get; init; }

    /// <summary>Counts a plan.</summary>
    /// <param name="plan">The plan.</param>
    public static PlanSummary Of(Plan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        // A restart that waits for a switchover of the same plan is counted once by its target.
        PlannedChange[] all = [.. plan.Changes, .. plan.Pending.Select(p => p.Change)];
        var switchovers = all.OfType<Switchover>().Count();
        var worst = all.Length == 0 ? Disruption.None : all.Max(c => c.Disruption);
        // After the switchover of a roll that has begun with replicas comes the former primary, which is none by then.
        var primaryWaits = switchovers == 0 && all.OfType<RecreatePod>().Any(c => c.IsPrimary && c.Disruption == Disruption.PodRecreation);
        return new PlanSummary
        {
            Changes = plan.Changes.Count,
            Pending = plan.Pending.Count,
            PodRestarts = all.OfType<RecreatePod>().Select(c => c.Target).Distinct().Count(),
            PostgresRestarts = all.OfType<RestartPostgres>().Select(c => c.Target).Distinct().Count(),
            Switchovers = switchovers + (primaryWaits ? 1 : 0),
            ExpectedDowntime = worst switch
            {
                Disruption.DataLoss => "for good, data is deleted",
                Disruption.Downtime when all.Any(c => c is PatchObject { Disruption: Disruption.Downtime } or ReplaceObject { Disruption: Disruption.Downtime } or DeleteObject { Disruption: Disruption.Downtime })
                    => "until the cluster is started again",
                Disruption.Downtime => "until the pod of the primary is back, usually less than a minute",
                Disruption.Switchover => "a few seconds",
                Disruption.PostgresRestart when all.OfType<RestartPostgres>().Any(c => c.IsPrimary) => "a few seconds",
                _ => primaryWaits ? "a few seconds" : "none",
            },
        };
    }
}
