using Zalando.Postgres.Sdk.Planning.Clusters;

namespace Zalando.Postgres.Sdk.Planning.Pods;

/// <summary>Which replica takes over, or why none can.</summary>
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
        var running = replicas.Where(m => m.IsRunning).ToArray();
        if (running.Length == 0) return new(null, WaitReason.PatroniState, "no replica runs that could take over");
        if (context.Spec.Patroni?.SynchronousMode == true)
        {
            running = [.. running.Where(m => m.Role == MemberRole.SyncStandby)];
            if (running.Length == 0) return new(null, WaitReason.PatroniState, "replication is synchronous and no synchronous replica could take over");
        }

        var limit = context.Spec.Patroni?.MaximumLagOnFailover is > 0 and var configured ? configured : DefaultMaximumLag;
        var near = running.Where(m => m.LagBytes is null or <= 0 || m.LagBytes <= limit).ToArray();
        if (near.Length == 0)
            return new(null, WaitReason.ReplicaLag, $"all replicas are more than {limit} bytes behind the primary");
        var best = near.OrderByDescending(m => m.Role == MemberRole.SyncStandby).ThenBy(m => m.LagBytes ?? long.MaxValue).ThenBy(m => m.Name, StringComparer.Ordinal).First();
        return new(best.Name, default, "");
    }
}
