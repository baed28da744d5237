using System.Diagnostics;
using Zalando.Postgres.Sdk.Planning;

namespace Zalando.Postgres.Sdk.Benchmarks.Planning;

/// <summary>Time and bytes per cluster to render and to plan, on one core, measured in a few seconds.</summary>
internal static class PlanningFigures
{
    public static void Print()
    {
        var one = Fleet.Cluster(0);
        var fleet = Enumerable.Range(0, 1000).Select(Fleet.Cluster).ToArray();
        Print("render one complete cluster", [one], static input => DesiredObjects.Build(input).Objects.Sum(o => o.Body.Count));
        Print("render 1,000 clusters", fleet, static input => DesiredObjects.Build(input).Objects.Sum(o => o.Body.Count));
        Print("plan one unchanged cluster, first look", [one], static input => ClusterPlanner.Plan(input).Changes.Count);
        Print("plan 1,000 unchanged clusters, first look", fleet, static input => ClusterPlanner.Plan(input).Changes.Count);
        Print("plan one unchanged cluster again", [Remembering(one)], static input => ClusterPlanner.Plan(input).Changes.Count);
        Print("plan 1,000 unchanged clusters again", [.. fleet.Select(Remembering)], static input => ClusterPlanner.Plan(input).Changes.Count);
    }

    private static PlanningInput Remembering(PlanningInput input) => input with { Memory = new PlanningMemory() };

    private static void Print(string name, PlanningInput[] inputs, Func<PlanningInput, int> operation)
    {
        var warm = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(warm) < TimeSpan.FromSeconds(2)) Run(inputs, operation);
        var best = TimeSpan.MaxValue;
        var begin = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(begin) < TimeSpan.FromSeconds(3))
        {
            var start = Stopwatch.GetTimestamp();
            Run(inputs, operation);
            var elapsed = Stopwatch.GetElapsedTime(start);
            if (elapsed < best) best = elapsed;
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        Run(inputs, operation);
        var allocated = (GC.GetAllocatedBytesForCurrentThread() - before) / inputs.Length;
        Console.WriteLine($"{name,-42} {best.TotalMilliseconds / inputs.Length,8:0.000} ms {allocated / 1024.0,8:0.0} KB per cluster");
    }

    private static int Run(PlanningInput[] inputs, Func<PlanningInput, int> operation)
    {
        var sum = 0;
        foreach (var input in inputs) sum += operation(input);
        return sum;
    }
}
