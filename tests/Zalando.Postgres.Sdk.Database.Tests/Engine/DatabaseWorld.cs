using System.Text;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Database.Tests.Servers;
using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Planning.Databases;
using Zalando.Postgres.Sdk.Reconciliation.Databases;
using Zalando.Postgres.Sdk.Reconciliation.Engine;
using Zalando.Postgres.Sdk.Reconciliation.Execution;
using Zalando.Postgres.Sdk.Reconciliation.Patroni;
using Zalando.Postgres.Sdk.Reconciliation.Plugins;
using Zalando.Postgres.Sdk.Reconciliation.Teams;
using Zalando.Postgres.Sdk.Resources.Configuration;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Scenarios.World;
using Zalando.Postgres.Sdk.Teams;

namespace Zalando.Postgres.Sdk.Database.Tests.Engine;

/// <summary>The whole operator on virtual time with one real PostgreSQL behind its one cluster.</summary>
internal sealed class DatabaseWorld : IAsyncDisposable
{
    public const string Cluster = "acid-minimal-cluster";

    private int _looks;

    private DatabaseWorld(OperatorWorld world, PostgresInstance server) => (World, Server) = (world, server);

    public OperatorWorld World { get; }

    public PostgresInstance Server { get; }

    /// <summary>The directory of teams; null for none.</summary>
    public ITeamDirectory? Teams { get; set; }

    /// <summary>Transport to the Teams API; null for none.</summary>
    public HttpMessageHandler? TeamsApi { get; set; }

    /// <summary>Port that the operator connects to; 0 for the server's own.</summary>
    public int Port { get; set; }

    /// <summary>More plugins of the operator.</summary>
    public Func<ReconcileEngineServices, ReconcileEngineServices> Plugins { get; set; } = static s => s;

    /// <summary>Who may hold changes back.</summary>
    public IPlanPolicy? Policy { get; set; }

    /// <summary>What happens before each change: it may throw.</summary>
    public Func<DatabaseChange, Task>? BeforeChange { get; set; }

    /// <summary>What happens after each change: it may throw.</summary>
    public Func<DatabaseChange, Task>? AfterChange { get; set; }

    public List<string> Statements { get; } = [];

    /// <summary>How often the operator looked at the server.</summary>
    public int Looks => Volatile.Read(ref _looks);

    public static async Task<DatabaseWorld> StartAsync(PostgresTemplate postgres, OperatorParameters? parameters = null, string serverSettings = "", Microsoft.Extensions.Logging.ILogger? clientLog = null)
    {
        var server = await postgres.StartAsync(serverSettings);
        var world = new DatabaseWorld(await OperatorWorld.StartAsync(parameters ?? new OperatorParameters(), TimeSpan.FromHours(6), clientLog: clientLog), server);
        // Patroni makes the super user with the password of its Secret; this server has one already.
        world.World.Server.Access.Create(KubernetesKinds.Secret, new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Secret",
            ["metadata"] = new JsonObject
            {
                ["name"] = SecretName("postgres"), ["namespace"] = OperatorWorld.Namespace,
                ["labels"] = new JsonObject { ["application"] = "spilo", ["cluster-name"] = Cluster, ["team"] = "acid" },
            },
            ["type"] = "Opaque",
            ["data"] = new JsonObject { ["username"] = Encode("postgres"), ["password"] = Encode(PostgresTemplate.Password) },
        });
        world.World.EngineOptions = world.World.EngineOptions with { ResyncPeriod = TimeSpan.FromDays(1) };
        world.World.Plugins = services => world.Plugins(services with
        {
            Databases = new DatabaseReconciler(new Connector(world), null, new TeamDirectories(world.World.Time, world.Teams, handler: world.TeamsApi), world.World.Time, services.PasswordBytes),
            Executors = [new PatroniChangeExecutor(new FakePatroniClient(world.World.Patroni, Cluster))],
            Policies = world.Policy is null ? [] : [world.Policy],
        });
        return world;
    }

    public static string SecretName(string role) => $"{role.Replace('_', '-')}.{Cluster}.credentials.postgresql.acid.zalan.do";

    public static string Encode(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    public Dictionary<string, string> Secret(string role) =>
        (World.Server.Access.Get(KubernetesKinds.Secret, OperatorWorld.Namespace, SecretName(role))?["data"] as JsonObject ?? [])
        .ToDictionary(d => d.Key, d => Encoding.UTF8.GetString(Convert.FromBase64String((string)d.Value!)), StringComparer.Ordinal);

    /// <summary>Logs in as the Secret of a role says; returns who that is.</summary>
    public async Task<string> LogInAsync(string role)
    {
        var secret = Secret(role);
        await using var connection = await Server.ConnectAsync("postgres", secret["username"], secret["password"]);
        await using var command = new Npgsql.NpgsqlCommand("SELECT session_user::text", connection);
        return (string)(await command.ExecuteScalarAsync())!;
    }

    public void EditSecret(string role, string key, string value)
    {
        var secret = World.Server.Access.Get(KubernetesKinds.Secret, OperatorWorld.Namespace, SecretName(role))!;
        secret["data"]![key] = Encode(value);
        World.Server.Access.Update(KubernetesKinds.Secret, secret);
    }

    public IReadOnlyList<string> Events() =>
        [.. World.Server.Access.List(KubernetesKinds.Event, OperatorWorld.Namespace).Select(e => $"{e["type"]} {e["reason"]}: {e["message"]}")];

    public async ValueTask DisposeAsync()
    {
        await World.DisposeAsync();
        await Server.DisposeAsync();
    }

    private sealed class Connector(DatabaseWorld world) : IPostgresConnector
    {
        public IPostgresServer? Connect(PassContext context, string userName, Func<CancellationToken, ValueTask<string>> password) =>
            new WatchedServer(world, new PostgresServer(world.Server.Settings with { Port = world.Port > 0 ? world.Port : world.Server.Port, UserName = userName, Password = password }));
    }

    private sealed class WatchedServer(DatabaseWorld world, PostgresServer server) : IPostgresServer
    {
        public Task<ObservedServer> ObserveAsync(Func<ObservedDatabase, bool> lookInto, CancellationToken cancellationToken = default)
        {
            Interlocked.Increment(ref world._looks);
            return server.ObserveAsync(lookInto, cancellationToken);
        }

        public async Task ApplyAsync(DatabaseChange change, CancellationToken cancellationToken = default)
        {
            if (world.BeforeChange is { } before) await before(change);
            lock (world.Statements) world.Statements.Add(change.ToString());
            await server.ApplyAsync(change, cancellationToken);
            if (world.AfterChange is { } after) await after(change);
        }

        public ValueTask DisposeAsync() => server.DisposeAsync();
    }
}
