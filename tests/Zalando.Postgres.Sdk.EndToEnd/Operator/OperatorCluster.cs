using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Zalando.Postgres.Sdk.EndToEnd.Manifests;
using Zalando.Postgres.Sdk.EndToEnd.Sandboxes;
using Zalando.Postgres.Sdk.Hosting;
using Zalando.Postgres.Sdk.Reconciliation.Configuration;
using Zalando.Postgres.Sdk.Reconciliation.Telemetry;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.EndToEnd.Operator;

/// <summary>A sandbox with the whole operator in this process, and the minimal manifest of the samples brought to a ready cluster.</summary>
public class OperatorCluster : TestSandbox
{
    public const string Name = "acid-minimal-cluster";

    private readonly ConcurrentDictionary<string, int> _passes = new(StringComparer.Ordinal);
    private FixedConfigurationSource _configuration = new(Configuration(new OperatorParameters
    {
        TeamsApi = new TeamsApiParameters { EnableTeamsApi = false },
        MajorVersionUpgrade = new MajorVersionUpgradeParameters { Mode = "off" },
    }));

    private ActivityListener? _listener;
    private IHost? _host;

    /// <summary>Starts a new operator, as after a crash: nothing of an older one is left but what is in the cluster.</summary>
    public async Task StartOperatorAsync()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        _configuration = new FixedConfigurationSource(_configuration.Current!);
        builder.Services
            .AddPostgresOperator(options =>
            {
                options.Namespaces.Add("*");
                options.InstallDefinitions = true;
                options.LeaderElection = false;
                options.ResyncPeriod = TimeSpan.FromSeconds(1);
            })
            .UseConfigurationSource(_ => _configuration)
            .UseKubernetesClient(_ => Client());
        _host = builder.Build();
        await _host.StartAsync();
    }

    public async Task StopOperatorAsync()
    {
        if (_host is null) return;
        await _host.StopAsync();
        _host.Dispose();
        _host = null;
    }

    /// <summary>Changes the operator's configuration while it runs.</summary>
    public void Configure(Func<OperatorParameters, OperatorParameters> change) => _configuration.Replace(Configuration(change(_configuration.Current!.Configuration!)));

    /// <summary>Creates the cluster of an embedded manifest, as a user would.</summary>
    public void Create(string manifest)
    {
        var value = EmbeddedManifest.Read(manifest).Single();
        value["metadata"]!["namespace"] = "default";
        Adapt((JsonObject)value["spec"]!);
        Api.Create(Postgresql.Descriptor, value);
    }

    /// <summary>Edits the spec of a cluster, as a user would.</summary>
    public void Edit(Action<JsonObject> change, string name = Name) => EditManifest(manifest => change((JsonObject)manifest["spec"]!), name);

    /// <summary>Sets an annotation of a cluster.</summary>
    public void Annotate(string annotation, string value, string name = Name) => EditManifest(
        manifest =>
        {
            if (manifest["metadata"]!["annotations"] is not JsonObject annotations) manifest["metadata"]!["annotations"] = annotations = [];
            annotations[annotation] = value;
        },
        name);

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

    /// <summary>Waits until Patroni has a synchronous standby, so that every confirmed commit is on two members.</summary>
    public Task SynchronousAsync(CancellationToken cancellationToken) => UntilAsync(
        "there is a synchronous standby",
        () => Api.Get(KubernetesKinds.ConfigMap, "default", Name + "-sync")?["metadata"]?["annotations"] is { } sync
            && (string?)sync["sync_standby"] is { Length: > 0 } standby && (string?)sync["leader"] == TryPrimary(Name)
            && Pods(Name).Any(p => p.Metadata.Name == standby && p.Metadata.Labels?.GetValueOrDefault("spilo-role") == "replica"),
        cancellationToken);

    public Postgresql? Cluster(string name) => Api.Get(Postgresql.Descriptor, "default", name)?.Deserialize(Postgresql.JsonTypeInfo);

    /// <summary>The database pods of a cluster.</summary>
    public IReadOnlyList<Pod> Pods(string name) =>
        [.. Api.List(KubernetesKinds.Pod, "default").Select(p => p.Deserialize(Pod.JsonTypeInfo)!).Where(p => p.Metadata.Labels?.GetValueOrDefault("cluster-name") == name && p.Metadata.Labels.GetValueOrDefault("application") == "spilo")];

    public string Primary(string name) => TryPrimary(name) ?? throw new InvalidOperationException($"{name} has no primary.");

    public string Replica(string name) => Pods(name).First(p => p.Metadata.Labels?.GetValueOrDefault("spilo-role") == "replica").Metadata.Name!;

    /// <summary>The configuration that Patroni has stored for a cluster.</summary>
    public JsonObject? PatroniConfiguration(string name) =>
        (string?)Api.Get(KubernetesKinds.ConfigMap, "default", name + "-config")?["metadata"]?["annotations"]?["config"] is { } text ? JsonNode.Parse(text) as JsonObject : null;

    /// <summary>Events about an object, as <c>reason: message</c>.</summary>
    public IReadOnlyList<string> Events(string name) =>
        [.. Api.List(KubernetesKinds.Event, "default").Where(e => (string?)e["involvedObject"]?["name"] == name).Select(e => $"{e["reason"]}: {e["message"]}")];

    /// <summary>The Secret of a role; null while there is none.</summary>
    public Secret? SecretOf(string role, string cluster = Name, string space = "default") => Api.Get(KubernetesKinds.Secret, space, SecretName(role, cluster))?.Deserialize(Secret.JsonTypeInfo);

    public static string SecretName(string role, string cluster = Name) => $"{role.Replace('_', '-')}.{cluster}.credentials.postgresql.acid.zalan.do";

    /// <summary>An entry of the Secret of a role.</summary>
    public string? SecretValue(string role, string key, string cluster = Name) => SecretOf(role, cluster)?.Data?.GetValueOrDefault(key) is { } value ? Encoding.UTF8.GetString(value) : null;

    /// <summary>Writes entries of the Secret of a role, as a person would.</summary>
    public void EditSecret(string role, params (string Key, string Value)[] entries) => Edit(
        KubernetesKinds.Secret, SecretName(role), secret =>
        {
            foreach (var (key, value) in entries) secret["data"]![key] = Convert.ToBase64String(Encoding.UTF8.GetBytes(value));
        });

    /// <summary>Changes an object, however often the operator or Patroni are quicker.</summary>
    public void Edit(KubernetesKind kind, string name, Action<JsonObject> change, string? space = "default")
    {
        while (true)
        {
            var value = Api.Get(kind, space, name) ?? throw new InvalidOperationException($"There is no {kind.Kind} {name}.");
            change(value);
            try
            {
                Api.Update(kind, value);
                return;
            }
            catch (Testing.ApiServer.ApiStatusException exception) when (exception.Code == 409)
            {
                // Once more with what is there now.
            }
        }
    }

    /// <summary>Connects as an application would: service address, secret of the role, TLS. One attempt.</summary>
    public Task<NpgsqlConnection> OpenAsync(string service, string role, string database, CancellationToken cancellationToken, string cluster = Name) => Sql.ConnectAsync(
        Sandbox.Services.Find("default", service) ?? throw new InvalidOperationException($"There is no service {service}."),
        SecretValue(role, "username", cluster) ?? role, SecretValue(role, "password", cluster) ?? throw new TimeoutException($"The role {role} has no Secret yet."), database, cancellationToken);

    /// <summary>Connects as an application would, and again while services follow their endpoints.</summary>
    public Task<NpgsqlConnection> ConnectAsync(string service, string role, string database, CancellationToken cancellationToken, string cluster = Name) =>
        Watch.SucceedAsync($"{role} can connect to {database} through {service}", token => OpenAsync(service, role, database, token, cluster), cancellationToken);

    /// <summary>Connects to one member as super user.</summary>
    public Task<NpgsqlConnection> ConnectToMemberAsync(string pod, string database, CancellationToken cancellationToken, string cluster = Name) => Watch.SucceedAsync(
        $"{pod} answers",
        token => Sql.ConnectAsync(Sandbox.Pods.Find("default", pod)?.Address ?? throw new TimeoutException($"{pod} does not run."), "postgres", SecretValue("postgres", "password", cluster)!, database, token), cancellationToken);

    /// <summary>Asks one member something.</summary>
    public async Task<object?> AskAsync(string pod, string sql, CancellationToken cancellationToken, string database = "postgres", string cluster = Name)
    {
        await using var connection = await ConnectToMemberAsync(pod, database, cancellationToken, cluster);
        return await connection.ScalarAsync(sql, cancellationToken);
    }

    /// <summary>An application that writes to the primary of the cluster until it is disposed.</summary>
    internal RowWriter StartWriter() => RowWriter.Start(Watch, token => OpenAsync(Name, "zalando", "foo", token));

    /// <summary>Lets an application write while something happens, shows the longest gap between its commits, and finds every confirmed row afterwards.</summary>
    internal async Task WriteThroughAsync(string scenario, Func<RowWriter, Task> happening, CancellationToken cancellationToken)
    {
        await using var writer = StartWriter();
        await writer.CommittedAsync(20, cancellationToken);
        await happening(writer);
        await writer.GoesOnAsync(cancellationToken);
        await writer.StopAsync();
        Console.WriteLine($"measured: {scenario}: longest gap between commits {writer.LongestGap.TotalSeconds:0.0} s in {writer.Committed} commits");
        await using var check = await ConnectAsync(Name, "zalando", "foo", cancellationToken);
        Assert.Empty(await writer.MissingAsync(check, writer.Rows, cancellationToken));
    }

    /// <summary>Changes the spec of a manifest before it is created.</summary>
    protected virtual void Adapt(JsonObject spec)
    {
    }

    protected override async Task StartAsync()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == ReconciliationTelemetry.SourceName,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity =>
            {
                if (activity.GetTagItem("postgres_operator.cluster") is string cluster) _passes.AddOrUpdate(cluster, 1, static (_, n) => n + 1);
                Watch.Look();
            },
        };
        ActivitySource.AddActivityListener(_listener);
        var clock = Stopwatch.StartNew();
        await StartOperatorAsync();
        await UntilAsync("the custom resource definitions are served", () => Api.Kinds.Contains(Postgresql.Descriptor), CancellationToken.None);
        Create("minimal.yaml");
        await ReadyAsync(Name, CancellationToken.None);
        Console.WriteLine($"measured: from the manifest to a ready cluster in {clock.Elapsed.TotalSeconds:0.0} s");
    }

    protected override async Task StopAsync()
    {
        await StopOperatorAsync();
        _listener?.Dispose();
    }

    private static OperatorConfiguration Configuration(OperatorParameters parameters) => new() { Form = ConfigurationForm.ConfigMap, Configuration = parameters };

    private string? TryPrimary(string name) => Pods(name).SingleOrDefault(p => p.Metadata.Labels?.GetValueOrDefault("spilo-role") == "master")?.Metadata.Name;

    private void EditManifest(Action<JsonObject> change, string name) => Edit(Postgresql.Descriptor, name, change);
}
