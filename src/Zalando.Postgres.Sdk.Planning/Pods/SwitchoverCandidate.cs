using System.Text.Json;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning.Clusters;

namespace Zalando.Postgres.Sdk.Planning.Pods;

/// <summary>Which replica takes over, or why none can. Asks for what Patroni will ask for too, so that a planned switchover is not refused.</summary>
internal readonly record struct SwitchoverCandidate(string? Candidate, WaitReason WaitsFor, string Explanation)
{
    // Patroni's own default of maximum_lag_on_failover.
    private const long DefaultMaximumLag = 1048576;

    /// <summary>Chooses the replica that loses least.</summary>
    /// <param name="context">The cluster.</param>
    /// <param name="allowed">Names of the pods that may become primary.</param>
    public static SwitchoverCandidate Choose(ClusterContext context, IEnumerable<string> allowed)
    {
        if (context.Observed.Patroni is not { } patroni)
            return new(null, WaitReason.NotObserved, "Patroni was not observed, so it is not known which replica could take over");
        var names = allowed.ToHashSet(StringComparer.Ordinal);
        var replicas = patroni.Members.Where(m => names.Contains(m.Name) && m.Role is MemberRole.Replica or MemberRole.SyncStandby && names.Contains(m.Name)).ToArray();
        var able = replicas.Where(m => m.IsRunning).ToArray();
        if (able.Length == 0) return new(null, WaitReason.PatroniState, "no replica runs that could take over");
        able = [.. able.Where(m => !m.IsExcludedFromFailover)];
        if (able.Length == 0) return new(null, WaitReason.PatroniState, "the tags of all replicas (nofailover, failover_priority) forbid that they take over");
        if (NeedsSynchronous(context, patroni))
        {
            able = [.. able.Where(m => m.Role == MemberRole.SyncStandby)];
            if (able.Length == 0) return new(null, WaitReason.PatroniState, "replication is synchronous and no synchronous replica could take over");
        }

        var timeline = patroni.Members.FirstOrDefault(m => m.Role is MemberRole.Primary or MemberRole.StandbyLeader)?.Timeline;
        able = [.. able.Where(m => timeline is null || m.Timeline is null || m.Timeline == timeline)];
        if (able.Length == 0) return new(null, WaitReason.PatroniState, $"no replica has reached timeline {timeline} of the primary");
        var limit = Limit(context, patroni);
        // A lag that is not known is never taken for none.
        var near = able.Where(m => m.LagBytes <= limit).ToArray();
        if (near.Length == 0)
            return new(null, WaitReason.ReplicaLag, able.Any(m => m.LagBytes is not null) ? $"all replicas are more than {limit} bytes behind the primary" : "it is not known how far the replicas are behind the primary");
        var best = near.OrderByDescending(m => m.Role == MemberRole.SyncStandby).ThenBy(m => m.LagBytes).ThenBy(m => m.Name, StringComparer.Ordinal).First();
        return new(best.Name, default, "");
    }

    // With a quorum every member of it may take over, and Patroni chooses by position.
    private static bool NeedsSynchronous(ClusterContext context, ObservedPatroni patroni) => patroni.Configuration?["synchronous_mode"] switch
    {
        JsonValue value when value.GetValueKind() == JsonValueKind.String => value.ToString() is "on" or "true",
        JsonValue value => value.GetValueKind() == JsonValueKind.True,
        _ => context.Spec.Patroni?.SynchronousMode == true,
    };

    private static long Limit(ClusterContext context, ObservedPatroni patroni)
    {
        if (patroni.Configuration?["maximum_lag_on_failover"] is JsonValue value && value.TryGetValue(out long present) && present > 0) return present;
        return context.Spec.Patroni?.MaximumLagOnFailover is > 0 and var configured ? configured : DefaultMaximumLag;
    }
}
