using System.Text;
using System.Text.Json.Nodes;
using Npgsql;
using Zalando.Postgres.Sdk.Database.Tests.Servers;
using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Planning.Databases;
using Zalando.Postgres.Sdk.Reconciliation.Databases;
using Zalando.Postgres.Sdk.Reconciliation.Execution;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;

namespace Zalando.Postgres.Sdk.Database.Tests;

/// <summary>System users get new passwords while the connection is cut before and after every statement of the way.</summary>
public sealed class RotationCrashTests(PostgresTemplate postgres)
{
    [Theory]
    [InlineData("postgres")]
    [InlineData("standby")]
    public async Task Cut_at_every_statement_the_operator_is_never_locked_out_and_the_new_password_is_in_place(string user)
    {
        await using var instance = await postgres.StartAsync("log_statement = none\nlog_min_duration_statement = -1\nshared_preload_libraries = ''");
        await using var proxy = new CuttingProxy(instance.Port);
        var cluster = new Rotated(proxy.Port, instance, user);
        await cluster.SettleAsync();
        await instance.ExecuteAsync("postgres", "CREATE ROLE keeper SUPERUSER LOGIN PASSWORD 'keeper'");
        var before = await ServerCatalogue.ReadAsync(instance);
        var cuts = 0;
        var statements = new HashSet<string>();
        foreach (var after in new[] { false, true })
        {
            for (var statement = 1; ; statement++)
            {
                var old = cluster.Secret(user)["password"];
                cluster.MakeDue();
                proxy.CutAt(statement, after);
                await cluster.SettleAsync();
                var cut = proxy.Cut;
                proxy.CutAt(0, after: false);
                Assert.NotEqual(old, cluster.Secret(user)["password"]);
                Assert.DoesNotContain("nextPassword", cluster.Secret(user).Keys);
                Assert.True(await cluster.LogsInAsync("password"), $"cut {(after ? "after" : "before")} statement {statement}, {cut}");
                if (cut is null) break;
                cuts++;
                statements.Add(cut.Split(' ', '\n')[0]);
            }
        }

        // What the operator reads, what it changes, and where that begins and ends.
        Assert.Superset(new HashSet<string> { "SELECT", "BEGIN", "COMMIT" }, statements);
        Assert.True(cuts >= 40, $"{cuts} cuts");
        TestContext.Current.TestOutputHelper?.WriteLine($"rotation of {user}: {cuts} cuts");
        await using (var keeper = await instance.ConnectAsync("postgres", "keeper", "keeper"))
        {
            await using var reset = new NpgsqlCommand($"ALTER ROLE postgres PASSWORD '{PostgresTemplate.Password}'", keeper);
            await reset.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        Assert.Equal(before, await ServerCatalogue.ReadAsync(instance));
    }

    /// <summary>The Secrets of a cluster whose one user is rotated in place, and the operator's look at its databases, again and again as its passes do it.</summary>
    private sealed class Rotated
    {
        private readonly PostgresInstance _instance;
        private readonly string _user;
        private readonly DatabaseReconciler _reconciler;
        private readonly Dictionary<string, JsonObject> _secrets = new(StringComparer.Ordinal);
        private int _version;

        public Rotated(int port, PostgresInstance instance, string user)
        {
            (_instance, _user) = (instance, user);
            var seed = 0;
            _reconciler = new DatabaseReconciler(new Connector(instance.Settings with { Port = port }), passwordBytes: () => BitConverter.GetBytes(++seed).Concat(new byte[28]).ToArray());
            foreach (var role in new[] { "postgres", "standby" })
                _secrets[role] = SecretOf(role, new() { ["username"] = role, ["password"] = PostgresTemplate.Password });
        }

        public Dictionary<string, string> Secret(string role) =>
            ((JsonObject)_secrets[role]["data"]!).ToDictionary(d => d.Key, d => Encoding.UTF8.GetString(Convert.FromBase64String((string)d.Value!)), StringComparer.Ordinal);

        public void MakeDue() => _secrets[_user]["data"]!["nextRotation"] = Encode("2001-01-01T00:00:00Z");

        /// <summary>Passes until one has nothing to do. Whatever happens in one, somebody can log in as the super user.</summary>
        public async Task SettleAsync()
        {
            for (var pass = 1; ; pass++)
            {
                Assert.True(pass < 20, "no end of passes");
                var report = await _reconciler.ReconcileAsync(Context(), static () => false, TestContext.Current.CancellationToken);
                if (Secret(_user).ContainsKey("nextPassword") && await LogsInAsync("nextPassword")) continue;
                if (pass > 1 || _user != "standby") Assert.True(await LogsInAsync("password"), report.Failure);
                if (report is { Failure: null, HasMoreToDo: false, Changes.Count: 0 }) return;
            }
        }

        public async Task<bool> LogsInAsync(string key)
        {
            try
            {
                await using var connection = await _instance.ConnectAsync("postgres", _user, Secret(_user)[key]);
                return true;
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InvalidPassword)
            {
                return false;
            }
        }

        private PassContext Context()
        {
            var manifest = new Postgresql
            {
                Metadata = new() { Name = "acid-test", Namespace = "default" },
                Spec = new() { TeamId = "acid", NumberOfInstances = 1, UsersWithInPlaceSecretRotation = [_user] },
            };
            return new PassContext
            {
                Manifest = manifest,
                Settings = OperatorSettings.Defaults with { TeamsApi = OperatorSettings.Defaults.TeamsApi with { EnableTeamsApi = false } },
                Observed = ObservedCluster.FromObjects(_secrets.Values.Select(s => (JsonObject)s.DeepClone())),
                Plan = new Plan { Cluster = new("default", "acid-test") },
                Make = MakeAsync,
            };
        }

        private async Task<ChangeResult> MakeAsync(PlannedChange change, IChangeExecutor? executor, CancellationToken cancellationToken)
        {
            if (executor is not null) return await executor.ExecuteAsync(Context(), change, cancellationToken);
            var patch = Assert.IsType<PatchObject>(change);
            var secret = _secrets.Values.Single(s => (string?)s["metadata"]!["name"] == patch.Target.Name);
            if ((string?)secret["metadata"]!["resourceVersion"] != patch.ResourceVersion) return new ChangeResult(change, ChangeOutcome.Stale);
            var data = (JsonObject)secret["data"]!;
            foreach (var (key, value) in (JsonObject)patch.Patch["data"]!)
            {
                if (value is null) data.Remove(key);
                else data[key] = value.DeepClone();
            }

            secret["metadata"]!["resourceVersion"] = $"{++_version}";
            return new ChangeResult(change, ChangeOutcome.Done);
        }

        private static JsonObject SecretOf(string role, Dictionary<string, string> values) => new()
        {
            ["apiVersion"] = "v1", ["kind"] = "Secret",
            ["metadata"] = new JsonObject { ["name"] = $"{role}.acid-test.credentials.postgresql.acid.zalan.do", ["namespace"] = "default", ["uid"] = role, ["resourceVersion"] = "0" },
            ["data"] = new JsonObject(values.Select(v => KeyValuePair.Create<string, JsonNode?>(v.Key, Encode(v.Value)))),
        };

        private static string Encode(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
    }

    private sealed class Connector(PostgresServerSettings settings) : IPostgresConnector
    {
        public IPostgresServer? Connect(PassContext context, string userName, Func<CancellationToken, ValueTask<string>> password) =>
            new PostgresServer(settings with { UserName = userName, Password = password });
    }
}
