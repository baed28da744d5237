using System.Diagnostics;
using System.Text.Json.Nodes;
using Npgsql;
using Zalando.Postgres.Sdk.EndToEnd.Manifests;
using Zalando.Postgres.Sdk.EndToEnd.Patroni;
using Zalando.Postgres.Sdk.Kubernetes.Client;
using Zalando.Postgres.Sdk.Kubernetes.Configuration;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Sandbox;
using Zalando.Postgres.Sdk.Sandbox.Spilo;
using Zalando.Postgres.Sdk.Testing.Controllers;

[assembly: AssemblyFixture(typeof(ShopCluster))]

namespace Zalando.Postgres.Sdk.EndToEnd.Patroni;

/// <summary>One sandbox with a running cluster of two members, shared by the tests of this program.</summary>
public sealed class ShopCluster : IAsyncLifetime
{
    public const string SuperuserPassword = "Super 'secret' \"1\"";

    private static readonly string[] Chatter = ["connection received", "connection authenticated", "connection authorized", "disconnection", "INFO: no action"];

    private SandboxCluster? _sandbox;
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

    public static SandboxOptions FastOptions { get; } = new()
    {
        PatroniTiming = new PatroniTiming { TimeToLive = 6, LoopWait = 1, RetryTimeout = 2 },
        RestartBackOff = new RestartBackOff { First = TimeSpan.FromSeconds(10) },
        SynchronousDisk = false,
        StopGrace = TimeSpan.Zero,
    };

    public async ValueTask InitializeAsync()
    {
        if (SandboxPrograms.Find().Missing is { Count: > 0 } missing)
        {
            _missing = "this machine lacks " + string.Join("; ", missing);
            return;
        }

        var clock = Stopwatch.StartNew();
        _sandbox = await SandboxCluster.StartAsync(FastOptions, CancellationToken.None);
        EmbeddedManifest.Create(Api, "two-members.yaml");
        await HealthyAsync(CancellationToken.None);
        Console.WriteLine($"measured: a cluster of two members is ready after {clock.Elapsed.TotalSeconds:0.0} s");
    }

    public async ValueTask DisposeAsync()
    {
        if (_sandbox is not null) await _sandbox.DisposeAsync();
    }

    /// <summary>Waits until there is a primary behind its service, and a replica that confirms every commit behind the other.</summary>
    /// <returns>Names of the primary and the replica.</returns>
    public async Task<(string Primary, string Replica)> HealthyAsync(CancellationToken cancellationToken)
    {
        (string, string)? found = null;
        await UntilAsync("the cluster has a primary and a synchronous replica", () => (found = Members()) is not null, cancellationToken);
        return found!.Value;
    }

    /// <summary>Looks again after each change in the API server.</summary>
    public Task UntilAsync(string what, Func<bool> condition, CancellationToken cancellationToken) => UntilAsync(Sandbox, what, condition, cancellationToken);

    /// <inheritdoc cref="UntilAsync(string, Func{bool}, CancellationToken)" />
    public static async Task UntilAsync(SandboxCluster sandbox, string what, Func<bool> condition, CancellationToken cancellationToken)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var changed = new SemaphoreSlim(1);
        using var subscription = sandbox.ApiServer.Access.Subscribe(_ =>
        {
            if (changed.CurrentCount == 0) changed.Release();
        });
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(90));
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
            throw new TimeoutException($"Waited 90 s until {what}.\n{await DescribeAsync(sandbox)}", exception);
        }
    }

    public KubernetesClient Client() => new(KubernetesClientConfiguration.FromKubeconfigFile(Sandbox.Kubeconfig));

    public JsonObject Pod(string name) => Api.Get(KubernetesKinds.Pod, "default", name) ?? throw new InvalidOperationException($"There is no pod {name}.");

    /// <summary>Opens a connection to the primary through its service.</summary>
    public Task<NpgsqlConnection> ConnectAsync(CancellationToken cancellationToken) => ConnectAsync(Sandbox.Services.Find("default", "shop")!, "postgres", SuperuserPassword, "postgres", cancellationToken);

    public static async Task<NpgsqlConnection> ConnectAsync(IPAddress address, string user, string password, string database, CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder
        {
            Host = address.ToString(),
            Username = user,
            Password = password,
            Database = database,
            SslMode = SslMode.Require,
            Pooling = false,
            Timeout = 3,
            CommandTimeout = 5,
            GssEncryptionMode = GssEncryptionMode.Disable,
        }.ConnectionString);
        try
        {
            await connection.OpenAsync(cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    public static async Task<object?> ScalarAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(cancellationToken);
    }

    public static string? Endpoint(IApiAccess api, string service)
    {
        var addresses = (api.Get(KubernetesKinds.Endpoints, "default", service)?["subsets"] as JsonArray)?.FirstOrDefault()?["addresses"] as JsonArray;
        return addresses is { Count: 1 } ? (string?)addresses[0]?["targetRef"]?["name"] : null;
    }

    private (string, string)? Members()
    {
        var primary = Endpoint(Api, "shop");
        var replica = Endpoint(Api, "shop-repl");
        var sync = Api.Get(KubernetesKinds.ConfigMap, "default", "shop-sync")?["metadata"]?["annotations"];
        return primary is not null && replica is not null && primary != replica
            && (string?)sync?["leader"] == primary && (string?)sync?["sync_standby"] == replica ? (primary, replica) : null;
    }

    private static async Task<string> DescribeAsync(SandboxCluster sandbox)
    {
        var api = sandbox.ApiServer.Access;
        var text = new System.Text.StringBuilder();
        foreach (var pod in sandbox.Pods.List())
        {
            text.AppendLine(pod.ToString());
            try
            {
                using var log = new StreamReader(await sandbox.ApiServer.PodRuntime!.OpenLogAsync(api.Get(KubernetesKinds.Pod, pod.Namespace, pod.Name)!, new() { Container = (string?)api.Get(KubernetesKinds.Pod, pod.Namespace, pod.Name)!["spec"]!["containers"]![0]!["name"] ?? "", TailLines = 3000 }, CancellationToken.None));
                var lines = (await log.ReadToEndAsync()).Split('\n').Where(l => !Chatter.Any(c => l.Contains(c, StringComparison.Ordinal))).ToList();
                text.AppendLine(string.Join('\n', lines.TakeLast(150)));
            }
            catch (Testing.ApiServer.ApiStatusException exception)
            {
                text.AppendLine(exception.Message);
            }
        }

        foreach (var kind in new[] { KubernetesKinds.Pod, KubernetesKinds.ConfigMap, KubernetesKinds.Endpoints })
        {
            foreach (var value in api.List(kind, "default")) text.AppendLine($"{kind.Kind} {value["metadata"]?["name"]} {value["metadata"]?["labels"]?.ToJsonString()} {value["metadata"]?["annotations"]?.ToJsonString()} {value["subsets"]?.ToJsonString()}");
        }

        foreach (var value in api.List(KubernetesKinds.Event, "default")) text.AppendLine($"{value["involvedObject"]?["name"]} {value["reason"]}: {value["message"]}");
        return text.ToString();
    }
}
