using Zalando.Postgres.Sdk.Planning.Clusters;

namespace Zalando.Postgres.Sdk.Planning;

/// <summary>What the former pass of one cluster found out, so that an unchanged cluster is planned in a fraction of the time. It never changes a plan.</summary>
/// <remarks>
/// Keep one per cluster and hand it over with each <see cref="PlanningInput"/>. When the objects of the cluster were as they should be, the next pass
/// with the same manifest, the same configuration and the same versions of these objects (<c>metadata.uid</c> and <c>metadata.resourceVersion</c>)
/// does not build and compare them again; pods, claims and Patroni are always looked at. Objects without a version are compared each time.
/// Not safe for several threads at once.
/// </remarks>
public sealed class PlanningMemory
{
    internal SettledCluster? Settled { get; set; }

    /// <summary>Forgets everything.</summary>
    public void Clear() => Settled = null;
}
