using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Zalando.Postgres.Sdk.Hosting;
using Zalando.Postgres.Sdk.Kubernetes.Client;
using Zalando.Postgres.Sdk.Kubernetes.Configuration;
using Zalando.Postgres.Sdk.Reconciliation.Configuration;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Sandbox;

namespace Zalando.Postgres.Sdk.Samples.Quickstart;

/// <summary>One run: Kubernetes API, local node and operator in this process, one manifest, until ready and then until Ctrl-C.</summary>
internal sealed class QuickstartRun(QuickstartSettings settings, TextWriter output, TimeProvider timeProvider)
{
    // The defaults, but for a teams service and upgrades in place: a single machine has neither the service nor a second version of PostgreSQL.
    private static readonly OperatorConfiguration Configuration = new()
    {
        Form = ConfigurationForm.ConfigMap,
        Configuration = new OperatorParameters { TeamsApi = new TeamsApiParameters { EnableTeamsApi = false }, MajorVersionUpgrade = new MajorVersionUpgradeParameters { Mode = "off" } },
    };

    private readonly ProgressWriter _progress = new(settings.Json, output, timeProvider);

    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            var manifest = await ManifestFile.ReadAsync(settings.Manifest, cancellationToken);
            await using var sandbox = await SandboxCluster.StartAsync(new SandboxOptions { Directory = settings.Directory, KeepData = settings.Directory is not null }, cancellationToken);
            return await RunAsync(sandbox, manifest, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            _progress.Step("quickstart", "stopped; every process has ended" + (settings.Directory is null ? " and the data is removed" : $", the data is in {settings.Directory}"));
            return settings.Once ? 130 : 0;
        }
        catch (Exception exception) when (exception is QuickstartException or SandboxException)
        {
            _progress.Step("quickstart", exception.Message, StepKind.Bad);
            return 1;
        }
    }

    private async Task<int> RunAsync(SandboxCluster sandbox, ManifestFile manifest, CancellationToken cancellationToken)
    {
        _progress.Step("kubernetes", $"an in-memory API server listens at {sandbox.ApiServer.Url} (kubeconfig: {sandbox.Kubeconfig})");
        using var client = new KubernetesClient(KubernetesClientConfiguration.FromKubeconfigFile(sandbox.Kubeconfig), new KubernetesClientOptions { FieldManager = "quickstart" });
        using var host = BuildOperator(sandbox);
        await host.StartAsync(cancellationToken);
        _progress.Step("operator", "started: it watches the manifests of all namespaces");

        using var following = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await WaitForDefinitionAsync(client, cancellationToken);
        var follower = new ClusterFollower(client, _progress).RunAsync(following.Token);
        try
        {
            await ApplyAsync(client, manifest, cancellationToken);
            await WaitUntilReadyAsync(client, manifest, cancellationToken);
            var verification = await new ClusterVerification(client, sandbox, _progress, timeProvider).RunAsync(manifest, cancellationToken);
            var summary = new QuickstartSummary(sandbox, manifest, verification, _progress.Elapsed);
            _progress.Result(summary.ToJson(), summary.ToText(settings.Once));
            if (settings.Once) return 0;
            await Task.Delay(Timeout.InfiniteTimeSpan, timeProvider, cancellationToken);
            return 0;
        }
        finally
        {
            await following.CancelAsync();
            await follower;
            // The operator goes first, so that it does not repair what the sandbox takes down.
            await host.StopAsync(CancellationToken.None);
        }
    }

    private IHost BuildOperator(SandboxCluster sandbox)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ApplicationName = "quickstart" });
        builder.Logging.AddProvider(new ProgressLoggerProvider(_progress));
        builder.Services
            .AddPostgresOperator(options =>
            {
                options.Namespaces.Add("*");
                options.InstallDefinitions = true;
                options.LeaderElection = false;
            })
            .UseConfigurationSource(_ => new FixedConfigurationSource(Configuration))
            .UseKubernetesClient(_ => new KubernetesClient(KubernetesClientConfiguration.FromKubeconfigFile(sandbox.Kubeconfig)));
        return builder.Build();
    }

    private static async Task WaitForDefinitionAsync(KubernetesClient client, CancellationToken cancellationToken)
    {
        // The operator installs the custom resource definitions; the watch shows when the API server serves them.
        await foreach (var change in client.WatchAsync<CustomResourceDefinition>(null, new WatchOptions(), cancellationToken))
        {
            if (change.Object is { } definition && definition.Spec?.Names?.Plural == Postgresql.Descriptor.Plural
                && definition.Status?.Conditions?.Any(c => c is { Type: "Established", Status: "True" }) == true)
            {
                return;
            }
        }
    }

    private async Task ApplyAsync(KubernetesClient client, ManifestFile manifest, CancellationToken cancellationToken)
    {
        foreach (var value in manifest.Others.Append(manifest.Cluster))
        {
            var kind = KubernetesKinds.All.Append(Postgresql.Descriptor).Append(OperatorConfiguration.Descriptor).Append(PostgresTeam.Descriptor)
                .FirstOrDefault(k => k.Kind == (string?)value["kind"] && k.ApiVersion == (string?)value["apiVersion"])
                ?? throw new QuickstartException($"{manifest.Path}: the kind {value["kind"]} of {value["apiVersion"]} is not served here.");
            var name = (string?)value["metadata"]?["name"] ?? throw new QuickstartException($"{manifest.Path}: metadata.name is missing.");
            var space = kind.Namespaced ? (string?)value["metadata"]?["namespace"] ?? "default" : null;
            try
            {
                var copy = (JsonObject)value.DeepClone();
                if (space is not null) copy["metadata"]!["namespace"] = space;
                await client.CreateAsync(kind, copy, null, null, cancellationToken);
            }
            catch (KubernetesApiException exception)
            {
                throw new QuickstartException($"{manifest.Path}: the API server refused {kind.Kind} {name}: {exception.Message}", exception);
            }

            _progress.Step("manifest", $"{kind.Kind} {name} created from {manifest.Path}");
        }
    }

    private async Task WaitUntilReadyAsync(KubernetesClient client, ManifestFile manifest, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(settings.Timeout, timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        string? state = null;
        try
        {
            var options = new WatchOptions { FieldSelector = $"metadata.name={manifest.Name}" };
            while (true)
            {
                await foreach (var change in client.WatchAsync<Postgresql>(manifest.Namespace, options, either.Token))
                {
                    if (change.Object is not { } cluster) continue;
                    if (ClusterFollower.IsReady(cluster)) return;
                    state = cluster.Status?.Conditions?.FirstOrDefault(c => c.Type == "Ready")?.Message ?? cluster.Status?.PostgresClusterStatus;
                    if (cluster.Status?.PostgresClusterStatus == "Invalid")
                    {
                        throw new QuickstartException($"The manifest {manifest.Path} is not valid: {state}");
                    }
                }
            }
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new QuickstartException($"The cluster was not ready after {settings.Timeout.TotalSeconds:0} s: {state ?? "the operator has not reported anything"}. --timeout SECONDS waits longer.");
        }
    }
}
