using System.Diagnostics;

namespace Zalando.Postgres.Sdk.Benchmarks.Kubernetes;

/// <summary>Requests per second of the in-memory API server, and how long a storm of reconnects takes, in a few seconds each.</summary>
internal static class ServerFigures
{
    public static async Task PrintAsync()
    {
        var server = new ServerBenchmarks();
        await server.StartAsync();
        foreach (var callers in (int[])[1, 16])
        {
            await PrintAsync("get", callers, 1, server.Get);
            await PrintAsync("patch", callers, 1, server.Patch);
            await PrintAsync("create, delete", callers, 2, server.CreateAndDelete);
            await PrintAsync("list of 500", callers, 1, server.List);
        }

        await server.StopAsync();

        var storm = new ReconnectStormBenchmarks();
        await storm.StartAsync();
        await PrintStormAsync("50 watches resume", storm.Resume);
        await PrintStormAsync("50 caches list again", storm.ListAgain);
        await storm.StopAsync();
    }

    private static async Task PrintAsync<T>(string name, int callers, int requests, Func<Task<T>> operation)
    {
        await RunAsync(TimeSpan.FromSeconds(1));
        var start = Stopwatch.GetTimestamp();
        var count = await RunAsync(TimeSpan.FromSeconds(3));
        Console.WriteLine($"{name,-16} {callers,2} at a time {count * requests / Stopwatch.GetElapsedTime(start).TotalSeconds,8:N0} requests/s");

        async Task<long> RunAsync(TimeSpan time)
        {
            var begin = Stopwatch.GetTimestamp();
            var done = 0L;
            await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(async () =>
            {
                while (Stopwatch.GetElapsedTime(begin) < time)
                {
                    await operation();
                    Interlocked.Increment(ref done);
                }
            })));
            return done;
        }
    }

    private static async Task PrintStormAsync(string name, Func<Task> storm)
    {
        await storm();
        var times = new List<double>();
        for (var i = 0; i < 10; i++)
        {
            var start = Stopwatch.GetTimestamp();
            await storm();
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        times.Sort();
        Console.WriteLine($"{name,-22} {times[times.Count / 2],6:N0} ms in the middle, {times[^1]:N0} ms at most");
    }
}
