using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Zalando.Postgres.Cli.CommandLine;
using Zalando.Postgres.Sdk.Database.Tests.Servers;
using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Planning.Databases;
using Zalando.Postgres.Sdk.Planning.Json;
using Zalando.Postgres.Sdk.Planning.Roles;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Scenarios.World;

namespace Zalando.Postgres.Sdk.Database.Tests.Engine;

/// <summary>The whole life of a cluster with a canary in every place where a secret is kept, and an ear at everything that says anything.</summary>
[Collection("whole operator")]
public sealed class WholeLifeSecrecyTests(PostgresTemplate postgres)
{
    // A server that logs and remembers whatever it can.
    private const string Talkative = """
        shared_preload_libraries = 'pg_stat_statements,auto_explain'
        auto_explain.log_min_duration = 0
        auto_explain.log_nested_statements = on
        auto_explain.log_analyze = on
        log_min_error_statement = debug5
        log_min_messages = debug1
        log_duration = on
        log_connections = on
        log_disconnections = on
        debug_print_parse = on
        debug_print_plan = on
        pg_stat_statements.track = 'all'
        pg_stat_statements.track_utility = on
        """;

    private static readonly OperatorParameters Parameters = new()
    {
        Users = new() { EnablePasswordRotation = true, PasswordRotationInterval = 3, PasswordRotationUserRetention = 6 },
        Kubernetes = new() { InfrastructureRolesSecretName = "infrastructure", OauthTokenSecretName = "teams-token" },
        TeamsApi = new() { EnableTeamsApi = true, TeamsApiUrl = "http://canary-user:canary-address@teams.example/", EnableTeamMemberDeprecation = true },
        LogicalBackup = new() { S3SecretAccessKey = new("canary-backup") },
    };

    [Fact]
    public async Task No_secret_reaches_anything_that_says_anything_in_a_whole_life()
    {
        using var sinks = new Sinks();
        await using var world = await DatabaseWorld.StartAsync(postgres, Parameters, Talkative, sinks);
        var secrets = new HashSet<string>(StringComparer.Ordinal) { "canary-address", "canary-token", "canary-infra", "canary-owned", "canary-edited", "canary-clone", "canary-backup", PostgresTemplate.Password };
        using var kept = world.World.Server.Access.Subscribe(change =>
        {
            if (change.Kind.Kind != "Secret" || change.Object["data"] is not JsonObject data) return;
            lock (secrets)
            {
                foreach (var key in new[] { "password", "nextPassword" })
                {
                    if ((string?)data[key] is { Length: > 0 } encoded) secrets.UnionWith([Encoding.UTF8.GetString(Convert.FromBase64String(encoded)), encoded]);
                }
            }
        });
        world.Plugins = services => services with
        {
            Logging = sinks,
            Planner = input =>
            {
                var plan = services.Planner(input);
                Show(sinks, plan);
                return plan;
            },
        };
        world.TeamsApi = new EchoingTeams();
        world.World.Server.Access.Create(KubernetesKinds.Secret, Secret("infrastructure", ("user1", "monitor"), ("password1", "canary-infra"), ("inrole1", "robot_zmon")));
        world.World.Server.Access.Create(KubernetesKinds.Secret, Secret("teams-token", ("read-only-token-secret", "canary-token"), ("read-only-token-type", "Bearer")));
        var owned = Secret(DatabaseWorld.SecretName("owned"), ("username", "owned"), ("password", "canary-owned"));
        owned["metadata"]!["labels"] = new JsonObject { ["application"] = "spilo", ["cluster-name"] = DatabaseWorld.Cluster };
        owned["metadata"]!["annotations"] = new JsonObject { ["acid.zalan.do/bring-your-own"] = "true" };
        world.World.Server.Access.Create(KubernetesKinds.Secret, owned);
        var manifest = OperatorWorld.Manifest();
        manifest["metadata"]!["annotations"] = new JsonObject { ["acid.zalan.do/connection-details"] = "true" };
        manifest["spec"]!["users"]!["owned"] = new JsonArray();
        manifest["spec"]!["users"]!["late"] = new JsonArray();
        manifest["spec"]!["preparedDatabases"] = new JsonObject { ["bar"] = new JsonObject { ["defaultUsers"] = true } };
        manifest["spec"]!["enableConnectionPooler"] = true;
        manifest["spec"]!["enableLogicalBackup"] = true;
        manifest["spec"]!["clone"] = new JsonObject { ["cluster"] = "other", ["uid"] = "efd12e58-5786-11e8-b5a7-06148230260c", ["timestamp"] = "2017-12-19T12:40:33+01:00", ["s3_wal_path"] = "s3://a/b", ["s3_access_key_id"] = "key", ["s3_secret_access_key"] = "canary-clone" };
        manifest["spec"]!["usersWithInPlaceSecretRotation"] = new JsonArray("postgres", "zalando");

        // Somebody is there first, and somebody takes a role away just before it gets a password: the server refuses statements that hold secrets.
        var refused = 0;
        world.BeforeChange = change => change switch
        {
            CreateRole { Role: "late" } when refused++ == 0 => world.Server.ExecuteAsync("postgres", "CREATE ROLE late"),
            SetRolePassword { Role: "foo_user" } when refused++ == 1 => world.Server.ExecuteAsync("postgres", "ALTER ROLE foo_user RENAME TO hidden"),
            _ => Task.CompletedTask,
        };
        var asked = 0;
        world.AfterChange = async _ =>
        {
            if (asked++ % 10 == 0) sinks.Add("pg_stat_activity", string.Join('\n', await AsSuperuserAsync(world, "SELECT query FROM pg_stat_activity")));
        };
        world.World.StartOperator();
        world.World.Apply(manifest);
        await world.World.RunUntilAsync(() => world.World.IsRunning(), "the cluster runs", TimeSpan.FromDays(2));
        await CommandsAsync(world, sinks);
        world.EditSecret("foo_user", "password", "canary-edited");
        await world.World.RunUntilAsync(() => refused >= 2, "the password of a missing role is set", TimeSpan.FromDays(2));
        await world.Server.ExecuteAsync("postgres", "DROP ROLE IF EXISTS hidden");
        var end = world.World.Time.GetUtcNow().AddDays(8);
        await world.World.RunUntilAsync(() => world.World.Time.GetUtcNow() >= end && world.World.IsRunning(), "two rotations of everything pass", TimeSpan.FromDays(20));
        Assert.NotEqual(PostgresTemplate.Password, world.Secret("postgres")["password"]);
        Assert.NotEqual("foo_user", world.Secret("foo_user")["username"]);
        manifest["spec"]!["postgresql"]!["parameters"] = new JsonObject { ["password_encryption"] = "md5" };
        world.World.Apply(manifest);
        await world.World.RunUntilAsync(() => world.Statements.Exists(s => s.Contains("ALTER ROLE \"owned\" PASSWORD", StringComparison.Ordinal)), "passwords are kept as md5", TimeSpan.FromDays(3));
        await CommandsAsync(world, sinks);
        // Verifiers are secrets, too: whoever has one of md5 can log in with it.
        var verifiers = await AsSuperuserAsync(world, "SELECT rolpassword FROM pg_authid WHERE rolpassword IS NOT NULL");
        lock (secrets) secrets.UnionWith(verifiers);
        sinks.Add("pg_stat_statements", string.Join('\n', await AsSuperuserAsync(world, "SELECT query FROM pg_stat_statements")));
        Stored(world, sinks);
        world.World.Server.Access.Delete(Postgresql.Descriptor, OperatorWorld.Namespace, DatabaseWorld.Cluster);
        await world.World.RunUntilAsync(() => world.World.PodNames().Count == 0, "the cluster is deleted");
        Stored(world, sinks);
        await world.World.StopOperatorAsync();
        // What a test itself says as super user is its own, and so is the setting up of the fixture.
        foreach (var line in world.Server.Log.Split('\n')) sinks.Add("server log", line);

        Assert.All(
            new[] { "log", "trace", "metric", "exception", "plan", "event", "status", "history", "command", "pg_stat_statements", "pg_stat_activity", "server log" },
            sink => Assert.Contains(sinks.Said, s => s.Sink == sink && s.Text.Length > 0));
        Assert.Contains(sinks.Said, s => s.Sink == "exception" && s.Text.Contains("already exists", StringComparison.Ordinal));
        Assert.Contains(sinks.Said, s => s.Sink == "event" && s.Text.Contains("status code 500", StringComparison.Ordinal));
        Assert.True(secrets.Count > 20, $"{secrets.Count} secrets");
        var leaks = sinks.Said.SelectMany(s => secrets.Where(c => s.Text.Contains(c, StringComparison.Ordinal)).Select(c => $"{s.Sink}: {c}: {Around(s.Text, c)}")).Distinct().ToArray();
        Assert.True(leaks.Length == 0, string.Join('\n', leaks.GroupBy(l => l.Split(':')[0]).SelectMany(g => g.Take(4)).Select(l => l.Length > 300 ? l[..300] : l)));
        TestContext.Current.TestOutputHelper?.WriteLine($"{secrets.Count} secrets, {sinks.Said.Count} things said: {string.Join(", ", sinks.Said.CountBy(s => s.Sink).Select(s => $"{s.Key} {s.Value}"))}");
    }

    private static string Around(string text, string canary)
    {
        var at = text.IndexOf(canary, StringComparison.Ordinal);
        return text.Substring(Math.Max(0, at - 120), Math.Min(text.Length - Math.Max(0, at - 120), 240 + canary.Length));
    }

    private static void Show(Sinks sinks, Plan plan)
    {
        sinks.Add("plan", PlanJson.Write(plan));
        sinks.Add("plan", PlanText.Write(plan, PlanTextStyle.Plain));
        sinks.Add("plan", plan + string.Join('\n', plan.Changes) + string.Join('\n', plan.Findings) + string.Join('\n', plan.Pending));
    }

    private static void Stored(DatabaseWorld world, Sinks sinks)
    {
        foreach (var item in world.World.Server.Access.List(KubernetesKinds.Event, null)) sinks.Add("event", item.ToJsonString());
        foreach (var item in world.World.Server.Access.List(KubernetesKinds.ConfigMap, null)) sinks.Add("history", item.ToJsonString());
        foreach (var item in world.World.Server.Access.List(Postgresql.Descriptor, null))
            sinks.Add("status", $"{item["status"]?.ToJsonString()} {item["metadata"]?.ToJsonString()}");
    }

    // What people see who ask.
    private static async Task CommandsAsync(DatabaseWorld world, Sinks sinks)
    {
        Stored(world, sinks);
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            var kubeconfig = Path.Combine(folder.FullName, "kubeconfig");
            await world.World.Server.WriteKubeconfigAsync(kubeconfig);
            var manifest = Path.Combine(folder.FullName, "manifest.json");
            await File.WriteAllTextAsync(manifest, world.World.Server.Access.Get(Postgresql.Descriptor, OperatorWorld.Namespace, DatabaseWorld.Cluster)!.ToJsonString());
            var next = JsonNode.Parse(await File.ReadAllTextAsync(manifest))!;
            next["spec"]!["numberOfInstances"] = 3;
            next["spec"]!["clone"]!["s3_secret_access_key"] = "canary-clone-new";
            var changed = Path.Combine(folder.FullName, "changed.json");
            await File.WriteAllTextAsync(changed, next.ToJsonString());
            foreach (var file in new[] { manifest, changed })
            {
                foreach (var format in new[] { "text", "json", "markdown" })
                    await RunAsync("plan", "-f", file, "--observed", "cluster", "--kubeconfig", kubeconfig, "-o", format);
            }

            foreach (var format in new[] { "text", "json" })
            {
                await RunAsync("explain", DatabaseWorld.Cluster, "--kubeconfig", kubeconfig, "-o", format);
                await RunAsync("history", DatabaseWorld.Cluster, "--kubeconfig", kubeconfig, "-o", format);
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        async Task RunAsync(params string[] args)
        {
            var (output, error) = (new StringWriter(), new StringWriter());
            var code = await CommandLineProgram.RunAsync(args, output, error, TestContext.Current.CancellationToken);
            Assert.True(code is 0 or 2 or 3, $"{string.Join(' ', args)}: {code} {error}");
            sinks.Add("command", output.ToString() + error);
        }
    }

    private static async Task<List<string>> AsSuperuserAsync(DatabaseWorld world, string sql)
    {
        await using var connection = await world.Server.ConnectAsync("postgres", "postgres", world.Secret("postgres") is { } s && s.TryGetValue("password", out var password) ? password : PostgresTemplate.Password);
        await using var command = new Npgsql.NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<string>();
        while (await reader.ReadAsync())
        {
            if (!reader.IsDBNull(0)) rows.Add(reader.GetString(0));
        }

        return rows;
    }

    private static JsonObject Secret(string name, params (string Key, string Value)[] values) => new()
    {
        ["apiVersion"] = "v1", ["kind"] = "Secret", ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = OperatorWorld.Namespace }, ["type"] = "Opaque",
        ["data"] = new JsonObject(values.Select(v => new KeyValuePair<string, JsonNode?>(v.Key, DatabaseWorld.Encode(v.Value)))),
    };

    // An API that repeats what it was sent.
    private sealed class EchoingTeams : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => Task.FromResult(new HttpResponseMessage(HttpStatusCode.InternalServerError)
        {
            Content = new StringContent(new JsonObject { ["error"] = $"cannot use {request.Headers.Authorization}" }.ToJsonString()),
        });
    }
}
