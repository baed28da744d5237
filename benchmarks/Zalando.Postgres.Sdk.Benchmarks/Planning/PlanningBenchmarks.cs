using BenchmarkDotNet.Attributes;
using Zalando.Postgres.Sdk.Planning;

namespace Zalando.Postgres.Sdk.Benchmarks.Planning;

/// <summary>Render and plan complete clusters that are as they should be.</summary>
[MemoryDiagnoser]
public class PlanningBenchmarks
{
    private PlanningInput[] _firstLook = [];
    private PlanningInput[] _again = [];

    /// <summary>How many clusters one operation takes.</summary>
    [Params(1, 1000)]
    public int Clusters { get; set; }

    /// <summary>Makes the clusters.</summary>
    [GlobalSetup]
    public void Setup()
    {
        _firstLook = [.. Enumerable.Range(0, Clusters).Select(Fleet.Cluster)];
        _again = [.. _firstLook.Select(input => input with { Memory = new PlanningMemory() })];
    }

    /// <summary>The objects of new clusters.</summary>
    [Benchmark]
    public int Render() => _firstLook.Sum(static input => DesiredObjects.Build(input).Objects.Sum(static o => o.Body.Count));

    /// <summary>The first pass over each cluster after a start: every object is built and compared.</summary>
    [Benchmark]
    public int PlanFirstLook() => _firstLook.Sum(static input => ClusterPlanner.Plan(input).Changes.Count);

    /// <summary>Every later pass over an unchanged cluster.</summary>
    [Benchmark]
    public int PlanAgain() => _again.Sum(static input => ClusterPlanner.Plan(input).Changes.Count);
}
