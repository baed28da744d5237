using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Kubernetes.Client;
using Zalando.Postgres.Sdk.Kubernetes.Configuration;
using Zalando.Postgres.Sdk.Reconciliation.Configuration;
using Zalando.Postgres.Sdk.Reconciliation.Plugins;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Testing.ApiServer;
using Zalando.Postgres.Sdk.Testing.Controllers;

namespace Zalando.Postgres.Sdk.Hosting.Tests;

public sealed class PostgresOperatorHostTests
{
    [Fact]
    public void Access_to_Patroni_that_makes_no_sense_is_refused_by_name()
    {
        var services = new ServiceCollection();
        services.AddPostgresOperator(o => (o.PatroniKeyFile, o.PatroniUserName, o.PatroniAuthorityFile) = ("/nowhere/tls.key", "admin", "/nowhere/ca.crt"));
        using var provider = services.BuildServiceProvider();
        var failures = Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<IOptions<PostgresOperatorOptions>>().Value).Failures.ToArray();
        foreach (var name in new[] { "PatroniKeyFile is given without PatroniCertificateFile", "PatroniUserName and PatroniPasswordFile", "PatroniAuthorityFile is /nowhere/ca.crt", "PatroniKeyFile is /nowhere/tls.key" })
            Assert.Contains(failures, f => f.Contains(name, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Not A Namespace", 30, "OperatorNamespace")]
    [InlineData("default", 0, "CallTimeout")]
    [InlineData("default", 30, "RestartPolicy is 7: it must be Immediately, MaintenanceWindow or Approval.", 7)]
    [InlineData("default", 30, "ResizePolicy is 7: it must be Cpu, CpuAndMemory or Never.", 0, 7)]
    public void Options_that_make_no_sense_are_refused_by_name(string space, int seconds, string name, int restarts = 0, int resizes = 0)
    {
        var services = new ServiceCollection();
        services.AddPostgresOperator(o =>
        {
            o.OperatorNamespace = space;
            o.CallTimeout = TimeSpan.FromSeconds(seconds);
            o.RestartPolicy = (RestartPolicy)restarts;
            o.ResizePolicy = (ResizePolicy)resizes;
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

    [Fact]
    public async Task A_resizer_of_volumes_is_asked_about_volumes_of_its_provisioner()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var server = await InMemoryApiServer.StartAsync(new ApiServerOptions { SimulatedNode = new SimulatedNodeOptions() }, cancellation);
        var services = new ServiceCollection();
        services.AddLogging();
        var configuration = new FixedConfigurationSource(new OperatorConfiguration { Form = ConfigurationForm.ConfigMap, Configuration = new() { Kubernetes = new() { StorageResizeMode = "mixed" } } });
        var forgotten = new RecordingResizer();
        services.AddPostgresOperator(o =>
            {
                o.InstallDefinitions = true;
                o.LeaderElection = false;
            })
            .UseKubernetesClient(_ => new KubernetesClient(KubernetesClientConfiguration.FromHandler(server.Url, new SocketsHttpHandler())))
            .UseConfigurationSource(_ => configuration)
            .AddVolumeResizer<RecordingResizer>("in-memory.zalando.org/volumes")
            .AddVolumeResizer<RecordingResizer>("another.example.org")
            .AddVolumeResizer("in-memory.zalando.org/former", _ => forgotten);
        await using var provider = services.BuildServiceProvider();
        var hosted = provider.GetServices<IHostedService>().ToList();
        foreach (var service in hosted) await service.StartAsync(cancellation);
        while (!server.Access.Kinds.Contains(Postgresql.Descriptor)) await Task.Yield();
        server.Access.Create(Postgresql.Descriptor, (JsonObject)JsonNode.Parse("""
            {"apiVersion":"acid.zalan.do/v1","kind":"postgresql","metadata":{"name":"acid","namespace":"default"},
             "spec":{"teamId":"acid","numberOfInstances":1,"postgresql":{"version":"17"},"volume":{"size":"1Gi","type":"fast"}}}
            """)!);
        var resizer = provider.GetRequiredService<RecordingResizer>();
        var wish = await resizer.Wished.Task.WaitAsync(cancellation);
        Assert.Equal(("fast", 1L << 30), (wish.Type, wish.Bytes));
        Assert.StartsWith("pvc-", wish.PersistentVolumeName, StringComparison.Ordinal);
        Assert.False(forgotten.Wished.Task.IsCompleted);
        foreach (var service in hosted) await service.StopAsync(cancellation);
    }

    private sealed class RecordingResizer : IVolumeResizer
    {
        public TaskCompletionSource<VolumeTarget> Wished { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<VolumeDescription> DescribeAsync(VolumeTarget target, CancellationToken cancellationToken) => Task.FromResult(new VolumeDescription { Type = "slow" });

        public Task<VolumeProgress> EnsureAsync(VolumeTarget target, CancellationToken cancellationToken)
        {
            Wished.TrySetResult(target);
            return Task.FromResult(new VolumeProgress { State = VolumeState.Reached, Explanation = "It is fast now." });
        }
    }

    [Fact]
    public void Policies_are_set_by_the_words_of_the_annotations_and_no_others()
    {
        var options = new PostgresOperatorOptions();
        Assert.Equal((RestartPolicy.Immediately, ResizePolicy.Cpu), (options.RestartPolicy, options.ResizePolicy));
        foreach (var (word, policy) in new[] { ("immediately", RestartPolicy.Immediately), ("window", RestartPolicy.MaintenanceWindow), ("approval", RestartPolicy.Approval) })
        {
            options.UseRestartPolicy(word);
            Assert.Equal(policy, options.RestartPolicy);
        }

        foreach (var (word, policy) in new[] { ("never", ResizePolicy.Never), ("cpu", ResizePolicy.Cpu), ("cpu-and-memory", ResizePolicy.CpuAndMemory) })
        {
            options.UseResizePolicy(word);
            Assert.Equal(policy, options.ResizePolicy);
        }

        Assert.Equal("The restart policy is 'Never': it must be immediately, window or approval.", Assert.Throws<FormatException>(() => options.UseRestartPolicy("Never")).Message);
        Assert.Equal("The resize policy is 'memory': it must be cpu, cpu-and-memory or never.", Assert.Throws<FormatException>(() => options.UseResizePolicy("memory")).Message);
        Assert.Equal((RestartPolicy.Approval, ResizePolicy.CpuAndMemory), (options.RestartPolicy, options.ResizePolicy));
    }

    [Fact]
    public void Environment_variables_of_the_reference_become_options()
    {
        var options = new PostgresOperatorOptions();
        options.UseEnvironment(OperatorEnvironment.Read(new Dictionary<string, string>
        {
            ["CONFIG_MAP_NAME"] = "ops/postgres-operator", ["OPERATOR_NAMESPACE"] = "ops", ["WATCHED_NAMESPACE"] = "one, two", ["CONTROLLER_ID"] = "second",
            ["CRD_READY_WAIT_TIMEOUT"] = "1m", ["SCALYR_API_KEY"] = "canary",
        }));

        Assert.Equal(("ops/postgres-operator", "ops", "second"), (options.ConfigurationConfigMap, options.OperatorNamespace, options.ControllerId));
        Assert.Equal(["one", "two"], options.Namespaces);
        Assert.Equal(TimeSpan.FromMinutes(1), options.Environment.CrdReadyWaitTimeout);
        Assert.Equal("canary", OperatorSettings.From(options.Environment.Apply(new OperatorConfiguration { Form = ConfigurationForm.ConfigMap })).Scalyr.ApiKey.Reveal());
        Assert.Null(options.ConfigurationObject);
    }

    [Fact]
    public async Task A_configuration_that_cannot_be_used_makes_the_operator_unready_and_names_the_reasons()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var server = await InMemoryApiServer.StartAsync(new ApiServerOptions(), cancellation);
        server.Access.Create(KubernetesKinds.ConfigMap, new JsonObject
        {
            ["apiVersion"] = "v1", ["kind"] = "ConfigMap", ["metadata"] = new JsonObject { ["name"] = "operator", ["namespace"] = "default" },
            ["data"] = new JsonObject
            {
                ["workers"] = "0", ["resync_period"] = "soon", ["scalyr_api_key"] = "canary-scalyr", ["logical_backup_s3_secret_access_key"] = "canary-s3",
                ["logical_backup_azure_storage_account_key"] = "canary-azure", ["teams_api_url"] = "http://user:canary-address@teams.example",
            },
        });
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddPostgresOperator(o =>
        {
            o.InstallDefinitions = true;
            o.LeaderElection = false;
            o.ConfigurationConfigMap = "operator";
        }).UseKubernetesClient(_ => new KubernetesClient(KubernetesClientConfiguration.FromHandler(server.Url, new SocketsHttpHandler())));
        await using var provider = services.BuildServiceProvider();
        var hosted = provider.GetServices<IHostedService>().ToList();
        var health = provider.GetRequiredService<HealthCheckService>();
        var answers = new HashSet<string>(StringComparer.Ordinal);
        foreach (var service in hosted) await service.StartAsync(cancellation);
        var told = await UntilAsync(HealthStatus.Unhealthy, "cannot be used");
        Assert.Contains("data.workers", told, StringComparison.Ordinal);
        Assert.Contains("data.resync_period", told, StringComparison.Ordinal);

        Configure(new JsonObject { ["workers"] = "2", ["scalyr_api_key"] = "canary-scalyr" });
        await UntilAsync(HealthStatus.Healthy, "");
        Configure(new JsonObject { ["workers"] = "0", ["scalyr_api_key"] = "canary-scalyr" });
        Assert.Contains("the former one stays in force", await UntilAsync(HealthStatus.Degraded, "data.workers"), StringComparison.Ordinal);
        foreach (var service in hosted) await service.StopAsync(cancellation);
        Assert.All(answers, a => Assert.DoesNotContain("canary", a, StringComparison.Ordinal));

        void Configure(JsonObject data)
        {
            var map = server.Access.Get(KubernetesKinds.ConfigMap, "default", "operator")!;
            map["data"] = data;
            server.Access.Update(KubernetesKinds.ConfigMap, map);
        }

        async Task<string> UntilAsync(HealthStatus status, string text)
        {
            while (true)
            {
                var entry = (await health.CheckHealthAsync(c => c.Tags.Contains("ready"), cancellation)).Entries.Single().Value;
                answers.Add($"{entry.Status} {entry.Description} {entry.Exception} {string.Join(' ', entry.Data)}");
                if (entry.Status == status && (entry.Description ?? "").Contains(text, StringComparison.Ordinal)) return entry.Description ?? "";
                await Task.Yield();
            }
        }
    }
}
