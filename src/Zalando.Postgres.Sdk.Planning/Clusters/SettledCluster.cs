using Zalando.Postgres.Sdk.Planning.Observation;
using Zalando.Postgres.Sdk.Planning.StatefulSets;
using Zalando.Postgres.Sdk.Planning.Upgrade;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;

namespace Zalando.Postgres.Sdk.Planning.Clusters;

/// <summary>The outcome of a pass in which every object of the cluster was as desired, and everything that this depends on.</summary>
internal sealed class SettledCluster
{
    private readonly Postgresql _manifest;
    private readonly OperatorConfiguration _configuration;
    private readonly string _operatorNamespace;
    private readonly string _version;
    private readonly IReadOnlyList<ViewRead> _reads;

    public SettledCluster(ClusterContext context, IReadOnlyList<ViewRead> reads, IReadOnlySet<ObjectKey> keys, MemberFacts members, IReadOnlyList<Finding> findings)
    {
        _manifest = context.Manifest;
        _configuration = context.Input.Configuration;
        _operatorNamespace = context.Input.OperatorNamespace;
        _version = PostgresVersion.ForPods(context);
        _reads = reads;
        Keys = keys;
        Members = members;
        Findings = findings;
    }

    /// <summary>Keys of all desired objects.</summary>
    public IReadOnlySet<ObjectKey> Keys { get; }

    /// <summary>What has to be known of the desired pods.</summary>
    public MemberFacts Members { get; }

    /// <summary>What was found while building.</summary>
    public IReadOnlyList<Finding> Findings { get; }

    /// <summary>Whether the objects of a cluster need not be built and compared again.</summary>
    public bool Holds(ClusterContext context) =>
        ReferenceEquals(_manifest, context.Manifest) && ReferenceEquals(_configuration, context.Input.Configuration)
        && _operatorNamespace == context.Input.OperatorNamespace && context.Input.Filters.Count == 0
        && context.Observed.IsAsIn(_reads) && _version == PostgresVersion.ForPods(context);
}
