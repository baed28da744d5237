using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Zalando.Postgres.Sdk.EndToEnd.Manifests;
using Zalando.Postgres.Sdk.EndToEnd.Patroni;
using Zalando.Postgres.Sdk.Hosting;
using Zalando.Postgres.Sdk.Kubernetes.Client;
using Zalando.Postgres.Sdk.Kubernetes.Configuration;
using Zalando.Postgres.Sdk.Reconciliation.Configuration;
using Zalando.Postgres.Sdk.Reconciliation.Telemetry;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Sandbox;
using Zalando.Postgres.Sdk.Testing.Controllers;

namespace Zalando.Postgres.Sdk.EndToEnd.Operator;

/// <summary>A sandbox with the whole operator in this process, and the minimal manifest of the samples brought to a ready cluster.</summary>
public sealed class OperatorCluster : IAsyncLifetime
{
    public const string Name = "acid-minimal-cluster";

    private readonly ConcurrentDictionary<string, int> _passes = new(StringComparer.Ordinal);
    private ActivityListener? _listener;
    private SandboxCluster? _sandbox;
    private IHost? _host;
    private string? _missing;

    public SandboxCluster Sandbox
    {
        get
        {
            if (_missing is not null) Assert.Skip(_missing);
            return _sandbox!;
        }
    }

    public IApiAccess Api => Sandbox.ApiServer.Access;

    public async ValueTask InitializeAsync()
    {
        if (SandboxPrograms.Find().Missing is { Count: > 0 } missing)
        {
            _missing = "this machine lacks " + string.Join("; ", missing);
            return;
        }

        _listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == ReconciliationTelemetry.SourceName,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity =>
            {
                if (activity.GetTagItem("postgres_operator.cluster") is string cluster) _passes.AddOrUpdate(cluster, 1, static (_, n) => n + 1);
                PassEnded?.Invoke();
            },
        };
        ActivitySource.AddActivityListener(_listener);
        var clock = Stopwatch.StartNew();
        _sandbox = await SandboxCluster.StartAsync(ShopCluster.FastOptions, CancellationToken.None);
        await StartOperatorAsync();
        await UntilAsync("the custom resource definitions are served", () => Api.Kinds.Contains(Postgresql.Descriptor), CancellationToken.None);
        Create("minimal.yaml");
        await ReadyAsync(Name, CancellationToken.None);
        Console.WriteLine($"measured: from the manifest to a ready cluster in {clock.Elapsed.TotalSeconds:0.0} s");
    }

    public async ValueTask DisposeAsync()
    {
        if (_host is not null) await StopOperatorAsync();
        _listener?.Dispose();
        if (_sandbox is not null) await _sandbox.DisposeAsync();
    }

    private event Action? PassEnded;

    /// <summary>Starts a new operator, as after a crash: nothing of an older one is left but what is in the cluster.</summary>
    public async Task StartOperatorAsync()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services
            .AddPostgresOperator(options =>
            {
                options.Namespaces.Add("*");
                options.InstallDefinitions = true;
                options.LeaderElection = false;
                options.ResyncPeriod = TimeSpan.FromSeconds(1);
            })
            .UseConfigurationSource(_ => new FixedConfigurationSource(new OperatorConfiguration { Form = ConfigurationForm.ConfigMap, Configuration = new OperatorParameters { TeamsApi = new TeamsApiParameters { EnableTeamsApi = false }, MajorVersionUpgrade = new MajorVersionUpgradeParameters { Mode = "off" } } }))
            .UseKubernetesClient(_ => new KubernetesClient(KubernetesClientConfiguration.FromKubeconfigFile(Sandbox.Kubeconfig)));
        _host = builder.Build();
        await _host.StartAsync();
    }

    public async Task StopOperatorAsync()
    {
        await _host!.StopAsync();
        _host.Dispose();
        _host = null;
    }

    /// <summary>Creates the cluster of an embedded manifest, as a user would.</summary>
    public void Create(string manifest)
    {
        var value = EmbeddedManifest.Read(manifest).Single();
        value["metadata"]!["namespace"] = "default";
        Api.Create(Postgresql.Descriptor, value);
    }

    /// <summary>Waits until the operator has gone over the cluster so many times more.</summary>
    public Task PassesAsync(string name, int count, CancellationToken cancellationToken)
    {
        var target = Count() + count;
        return UntilAsync($"the operator has made {count} more passes", () => Count() >= target, cancellationToken);

        int Count() => _passes.GetValueOrDefault("default/" + name);
    }

    /// <summary>Waits until the newest manifest is in force, the cluster serves, and each member has its role.</summary>
    public Task ReadyAsync(string name, CancellationToken cancellationToken) => UntilAsync(
        $"{name} is ready",
        () => Cluster(name) is { } cluster
            && cluster.Status?.ObservedGeneration == cluster.Metadata.Generation
            && cluster.Status?.Conditions?.Any(c => c is { Type: "Ready", Status: "True" }) == true
            // Between two pods of a rolling update all members are ready, too.
            && cluster.Status?.Conditions?.Any(c => c is { Type: "Progressing", Status: "True" }) != true
            && Pods(name) is var pods && pods.Count == cluster.Spec.NumberOfInstances
            && pods.All(p => p.Status?.Conditions?.Any(c => c is { Type: "Ready", Status: "True" }) == true)
            && pods.Count(p => p.Metadata.Labels?.GetValueOrDefault("spilo-role") == "master") == 1
            && pods.Count(p => p.Metadata.Labels?.GetValueOrDefault("spilo-role") == "replica") == pods.Count - 1,
        cancellationToken);

    public Postgresql? Cluster(string name) => Api.Get(Postgresql.Descriptor, "default", name)?.Deserialize(Postgresql.JsonTypeInfo);

    public IReadOnlyList<Pod> Pods(string name) => [.. Api.List(KubernetesKinds.Pod, "default").Select(p => p.Deserialize(Pod.JsonTypeInfo)!).Where(p => p.Metadata.Labels?.GetValueOrDefault("cluster-name") == name)];

    public string Primary(string name) => Pods(name).Single(p => p.Metadata.Labels?.GetValueOrDefault("spilo-role") == "master").Metadata.Name!;

    /// <summary>Events about an object, as <c>reason: message</c>.</summary>
    public IReadOnlyList<string> Events(string name) =>
        [.. Api.List(KubernetesKinds.Event, "default").Where(e => (string?)e["involvedObject"]?["name"] == name).Select(e => $"{e["reason"]}: {e["message"]}")];

    /// <summary>Connects as an application would: service address, secret of the role, TLS.</summary>
    public async Task<NpgsqlConnection> ConnectAsync(string service, string role, string database, CancellationToken cancellationToken)
    {
        var secret = Api.Get(KubernetesKinds.Secret, "default", $"{role.Replace('_', '-')}.{Name}.credentials.postgresql.acid.zalan.do")?.Deserialize(Secret.JsonTypeInfo);
        Assert.NotNull(secret);
        var password = Encoding.UTF8.GetString(secret.Data!["password"]);
        // Services follow their endpoints a moment later: try again, as an application does.
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        while (true)
        {
            try
            {
                return await ShopCluster.ConnectAsync(Sandbox.Services.Find("default", service)!, role, password, database, limit.Token);
            }
            catch (Exception exception) when (exception is NpgsqlException or IOException or TimeoutException && !limit.IsCancellationRequested)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, limit.Token);
            }
        }
    }

    /// <summary>Looks again after each change in the API server and each pass of the operator.</summary>
    public async Task UntilAsync(string what, Func<bool> condition, CancellationToken cancellationToken)
    {
        using var changed = new SemaphoreSlim(1);
        void Look()
        {
            try
            {
                if (changed.CurrentCount == 0) changed.Release();
            }
            catch (ObjectDisposedException)
            {
                // The last change came while the wait was ending.
            }
        }

        using var subscription = Api.Subscribe(_ => Look());
        PassEnded += Look;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(120));
        try
        {
            while (true)
            {
                await changed.WaitAsync(limit.Token);
                if (condition()) return;
            }
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"Waited 120 s until {what}.\n{Describe()}", exception);
        }
        finally
        {
            PassEnded -= Look;
        }
    }

    private string Describe()
    {
        var text = new StringBuilder();
        foreach (var cluster in Api.Kinds.Contains(Postgresql.Descriptor) ? Api.List(Postgresql.Descriptor, null) : [])
            text.AppendLine($"{cluster["metadata"]!["name"]}: {cluster["status"]?.ToJsonString()}");
        foreach (var pod in Api.List(KubernetesKinds.Pod, null)) text.AppendLine($"{pod["metadata"]!["name"]}: {pod["metadata"]!["labels"]?.ToJsonString()} {pod["status"]?.ToJsonString()}");
        foreach (var value in Api.List(KubernetesKinds.Event, null)) text.AppendLine($"{value["involvedObject"]?["name"]}: {value["reason"]}: {value["message"]}");
        return text.ToString();
    }
}
