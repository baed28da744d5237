using BenchmarkDotNet.Running;
using Zalando.Postgres.Sdk.Benchmarks.Kubernetes;
using Zalando.Postgres.Sdk.Benchmarks.Manifests;
using Zalando.Postgres.Sdk.Benchmarks.Planning;

// dotnet run -c Release --project benchmarks/Zalando.Postgres.Sdk.Benchmarks -- --filter '*Decode*'    measurements by BenchmarkDotNet
// dotnet run -c Release --project benchmarks/Zalando.Postgres.Sdk.Benchmarks -- figures                 the figures that the documentation quotes, in a minute
if (args is ["figures"])
{
    await DecodeFigures.PrintAsync();
    await CacheMemory.PrintAsync();
    await ServerFigures.PrintAsync();
    return;
}

if (args is ["manifests"])
{
    ManifestFigures.Print();
    return;
}

if (args is ["planning"])
{
    PlanningFigures.Print();
    return;
}

BenchmarkSwitcher.FromAssembly(typeof(DecodeBenchmarks).Assembly).Run(args);
