using System.Diagnostics;

namespace Zalando.Postgres.Sdk.Benchmarks.Kubernetes;

/// <summary>MB/s and bytes allocated per object, measured in a few seconds each.</summary>
internal static class DecodeFigures
{
    public static async Task PrintAsync()
    {
        var benchmarks = new DecodeBenchmarks();
        await PrintAsync("list, typed", benchmarks.ListTyped, benchmarks.ListBytes);
        await PrintAsync("list, JSON", benchmarks.ListJson, benchmarks.ListBytes);
        await PrintAsync("watch, typed", benchmarks.WatchTyped, benchmarks.WatchBytes);
        await PrintAsync("watch, JSON", benchmarks.WatchJson, benchmarks.WatchBytes);
    }

    private static async Task PrintAsync(string name, Func<Task<int>> operation, long bytes)
    {
        var warm = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(warm) < TimeSpan.FromSeconds(2)) await operation();
        var best = TimeSpan.MaxValue;
        var begin = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(begin) < TimeSpan.FromSeconds(3))
        {
            var start = Stopwatch.GetTimestamp();
            await operation();
            var elapsed = Stopwatch.GetElapsedTime(start);
            if (elapsed < best) best = elapsed;
        }

        var before = GC.GetTotalAllocatedBytes(precise: true);
        await operation();
        var allocated = (GC.GetTotalAllocatedBytes(precise: true) - before) / DecodeBenchmarks.Objects;
        Console.WriteLine($"{name,-14} {bytes / best.TotalSeconds / 1e6,6:0} MB/s {allocated,8:N0} bytes allocated per object of {bytes / DecodeBenchmarks.Objects:N0} bytes");
    }
}
