using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Zalando.Postgres.Sdk.Kubernetes.Client;
using Zalando.Postgres.Sdk.Kubernetes.Configuration;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Testing.ApiServer;

namespace Zalando.Postgres.Sdk.Hosting.Tests;

public sealed class PostgresOperatorHostTests
{
    [Theory]
    [InlineData("Not A Namespace", 30, "OperatorNamespace")]
    [InlineData("default", 0, "CallTimeout")]
    public void Options_that_make_no_sense_are_refused_by_name(string space, int seconds, string name)
    {
        var services = new ServiceCollection();
        services.AddPostgresOperator(o =>
        {
            o.OperatorNamespace = space;
            o.CallTimeout = TimeSpan.FromSeconds(seconds);
        });
        using var provider = services.BuildServiceProvider();
        var refusal = Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<IOptions<PostgresOperatorOptions>>().Value);
        Assert.Contains(refusal.Failures, f => f.Contains(name, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_operator_starts_with_its_host_becomes_ready_and_stops_with_it(bool leaderElection)
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var server = await InMemoryApiServer.StartAsync(new ApiServerOptions(), cancellation);
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddPostgresOperator(o =>
        {
            o.InstallDefinitions = true;
            o.LeaderElection = leaderElection;
            o.Identity = "this";
        }).UseKubernetesClient(_ => new KubernetesClient(KubernetesClientConfiguration.FromHandler(server.Url, new SocketsHttpHandler())));
        await using var provider = services.BuildServiceProvider();
        var hosted = provider.GetServices<IHostedService>().ToList();
        var health = provider.GetRequiredService<HealthCheckService>();
        foreach (var service in hosted) await service.StartAsync(cancellation);
        HealthReport report;
        do
        {
            report = await health.CheckHealthAsync(c => c.Tags.Contains("ready"), cancellation);
            await Task.Yield();
        }
        while (report.Status != HealthStatus.Healthy || (leaderElection && server.Access.Get(KubernetesKinds.Lease, "default", "postgres-operator") is null));

        Assert.Equal(HealthStatus.Healthy, (await health.CheckHealthAsync(c => c.Tags.Contains("live"), cancellation)).Status);
        Assert.Contains(server.Access.Kinds, k => k.Kind == Postgresql.Descriptor.Kind);
        foreach (var service in hosted) await service.StopAsync(cancellation);
    }
}
