using BenchmarkDotNet.Running;
using Zalando.Postgres.Sdk.Benchmarks.Kubernetes;

// dotnet run -c Release --project benchmarks/Zalando.Postgres.Sdk.Benchmarks -- --filter '*Decode*'    measurements by BenchmarkDotNet
// dotnet run -c Release --project benchmarks/Zalando.Postgres.Sdk.Benchmarks -- figures                 the figures that the documentation quotes, in a minute
if (args is ["figures"])
{
    await DecodeFigures.PrintAsync();
    await CacheMemory.PrintAsync();
    return;
}

BenchmarkSwitcher.FromAssembly(typeof(DecodeBenchmarks).Assembly).Run(args);
