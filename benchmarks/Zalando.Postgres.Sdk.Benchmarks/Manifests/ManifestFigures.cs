using System.Diagnostics;

namespace Zalando.Postgres.Sdk.Benchmarks.Manifests;

/// <summary>Time and bytes for 1,000 manifests, on one core, measured in a few seconds.</summary>
internal static class ManifestFigures
{
    public static void Print()
    {
        var benchmarks = new ManifestBenchmarks();
        Console.WriteLine($"one manifest: {benchmarks.Bytes.Yaml:N0} bytes of YAML, {benchmarks.Bytes.Json:N0} bytes of JSON");
        Print("load 1,000 from JSON", benchmarks.LoadJson);
        Print("load 1,000 from YAML", benchmarks.LoadYaml);
        Print("write 1,000 as JSON", benchmarks.WriteJson);
        Print("check 1,000: rules (each pass)", benchmarks.CheckRules);
        Print("check 1,000: schema and rules (CLI)", benchmarks.CheckSchemaAndRules);
    }

    private static void Print(string name, Func<int> operation)
    {
        for (var i = 0; i < 3; i++) operation();
        var best = TimeSpan.MaxValue;
        var begin = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(begin) < TimeSpan.FromSeconds(3))
        {
            var start = Stopwatch.GetTimestamp();
            operation();
            var elapsed = Stopwatch.GetElapsedTime(start);
            if (elapsed < best) best = elapsed;
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        operation();
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Console.WriteLine($"{name,-38} {best.TotalMilliseconds,8:0} ms {allocated / 1024.0 / ManifestBenchmarks.Manifests,8:0.0} KB allocated per manifest");
    }
}
