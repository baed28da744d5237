using System.Text.Json.Nodes;
using Npgsql;
using Zalando.Postgres.Cli.CommandLine;
using Zalando.Postgres.Sdk.EndToEnd.Sandboxes;

namespace Zalando.Postgres.Sdk.EndToEnd.Operator;

/// <summary>What a person changed in a database by hand is shown by <c>kubectl-pg plan --with-databases</c> before the operator repairs it.</summary>
public sealed class DatabasePlanTests(OperatorCluster cluster) : IClassFixture<OperatorCluster>
{
    private const string Name = OperatorCluster.Name;
    private const string Canary = "canary-of-a-person-4711";

    // Rights, owners, attributes and password hashes: everything that a plan could have changed.
    private const string State = """
        select md5(string_agg(line, '|' order by line)) from (
          select r::text from pg_authid r union all select a::text from pg_auth_members a union all select d::text from pg_database d
          union all select s::text from pg_db_role_setting s union all select d::text from pg_shdescription d) x(line)
        """;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Drift_made_by_hand_is_shown_with_its_statements_and_is_not_changed()
    {
        await cluster.ReadyAsync(Name, Cancelled);
        await cluster.StopOperatorAsync();
        var manifest = Path.GetTempFileName();
        try
        {
            var live = cluster.Api.Get(Resources.Postgresql.Descriptor, "default", Name)!;
            await File.WriteAllTextAsync(manifest, new JsonObject
            {
                ["apiVersion"] = "acid.zalan.do/v1", ["kind"] = "postgresql", ["metadata"] = new JsonObject { ["name"] = Name, ["namespace"] = "default" }, ["spec"] = live["spec"]!.DeepClone(),
            }.ToJsonString(), Cancelled);
            var configuration = await ConfigurationAsync();
            try
            {
                var settled = await PlanAsync(manifest, configuration);
                Assert.True(settled.Code == 0, settled.Output + settled.Error);
                Assert.Contains("Nothing to change.", settled.Output, StringComparison.Ordinal);

                await DriftInsideAsync();
                var inside = await PlanAsync(manifest, configuration);
                Assert.True(inside.Code == 2, inside.Output + inside.Error);
                Assert.Contains("SQL: ALTER SCHEMA \"data\" OWNER TO \"bar_data_owner\"", inside.Output, StringComparison.Ordinal);
                Assert.Contains("SQL: GRANT USAGE ON SCHEMA \"data\" TO \"bar_data_reader\"", inside.Output, StringComparison.Ordinal);
                Assert.Contains("SQL: ALTER DEFAULT PRIVILEGES FOR ROLE \"bar_data_owner\" IN SCHEMA \"data\" GRANT SELECT ON TABLES TO \"bar_data_reader\"", inside.Output, StringComparison.Ordinal);
                Assert.Contains("in database default/bar", inside.Output, StringComparison.Ordinal);
                // What the next manifest asks for is seen before it is applied.
                var next = JsonNode.Parse(await File.ReadAllTextAsync(manifest, Cancelled))!;
                next["spec"]!["preparedDatabases"]!["bar"]!["extensions"] = new JsonObject { ["hstore"] = "data" };
                next["spec"]!["users"]!["newcomer"] = new JsonArray("createdb");
                var extended = Path.GetTempFileName();
                await File.WriteAllTextAsync(extended, next.ToJsonString(), Cancelled);
                var wanted = await PlanAsync(extended, configuration);
                File.Delete(extended);
                Assert.Contains("SQL: CREATE EXTENSION \"hstore\" SCHEMA \"data\"", wanted.Output, StringComparison.Ordinal);
                Assert.Contains("SQL: CREATE ROLE \"newcomer\" ", wanted.Output, StringComparison.Ordinal);

                await DriftAsync();
                var before = await AskAsync(State);
                var text = await PlanAsync(manifest, configuration);
                var json = await PlanAsync(manifest, configuration, "-o", "json");
                var markdown = await PlanAsync(manifest, configuration, "-o", "markdown");
                var direct = await PlanAsync(manifest, configuration, "--database-address", cluster.Sandbox.Pods.Find("default", cluster.Primary(Name))!.Address!.ToString());

                Assert.True(text.Code == 2, text.Output + text.Error);
                Assert.Contains("SQL: ALTER DATABASE \"foo\" OWNER TO \"zalando\"", text.Output, StringComparison.Ordinal);
                Assert.Contains("SQL: GRANT \"bar_reader\" TO \"bar_writer\"", text.Output, StringComparison.Ordinal);
                Assert.Contains("SQL: ALTER ROLE \"foo_user\" ", text.Output, StringComparison.Ordinal);
                Assert.Contains("SQL: ALTER ROLE \"foo_user\" PASSWORD '***'", text.Output, StringComparison.Ordinal);
                Assert.Contains("the database has another owner", text.Output, StringComparison.Ordinal);
                Assert.Contains("the database \"bar\" could not be looked into, it allows no connections", text.Output, StringComparison.Ordinal);
                Assert.Equal(text.Output, direct.Output);
                var statements = JsonNode.Parse(json.Output)!["changes"]!.AsArray().Select(c => (string?)c!["change"]?["statement"]).ToArray();
                Assert.Contains("ALTER DATABASE \"foo\" OWNER TO \"zalando\"", statements);
                Assert.Contains("ALTER ROLE \"foo_user\" PASSWORD '***'", statements);
                Assert.Contains("ALTER DATABASE \"foo\" OWNER TO \"zalando\"", markdown.Output.Replace("\\_", "_", StringComparison.Ordinal), StringComparison.Ordinal);
                foreach (var run in new[] { text, json, markdown, direct })
                {
                    foreach (var secret in Secrets()) Assert.DoesNotContain(secret, run.Output + run.Error, StringComparison.Ordinal);
                    Assert.DoesNotContain("SCRAM-SHA-256$", run.Output + run.Error, StringComparison.Ordinal);
                }

                Assert.Equal(before, await AskAsync(State));
            }
            finally
            {
                File.Delete(configuration);
            }
        }
        finally
        {
            File.Delete(manifest);
            await ExecuteAsync("alter database bar allow_connections true");
            await cluster.StartOperatorAsync();
        }
    }

    private async Task DriftInsideAsync()
    {
        await ExecuteAsync("create role stranger");
        await using var connection = await cluster.ConnectAsync(Name, "postgres", "bar", Cancelled);
        await connection.ScalarAsync("alter schema data owner to stranger", Cancelled);
        await connection.ScalarAsync("revoke usage on schema data from bar_data_reader", Cancelled);
        await connection.ScalarAsync("alter default privileges for role bar_data_owner in schema data revoke select on tables from bar_data_reader", Cancelled);
    }

    private async Task DriftAsync()
    {
        await ExecuteAsync("alter database foo owner to stranger");
        await ExecuteAsync("revoke bar_reader from bar_writer");
        await ExecuteAsync($"alter role foo_user createdb password '{Canary}'");
        await ExecuteAsync("alter database bar allow_connections false");
    }

    // The operator's own configuration, as an administrator would give it.
    private static async Task<string> ConfigurationAsync()
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, """
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: postgres-operator}
            data: {enable_teams_api: "false", major_version_upgrade_mode: "off"}
            """, Cancelled);
        return file;
    }

    private IEnumerable<string> Secrets() => cluster.Api.List(Resources.Kubernetes.KubernetesKinds.Secret, "default")
        .Select(s => (string?)s["data"]?["password"]).OfType<string>().Select(p => System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(p))).Append(Canary);

    private async Task<(int Code, string Output, string Error)> PlanAsync(string manifest, string configuration, params string[] more)
    {
        await using var output = new StringWriter();
        await using var error = new StringWriter();
        string[] args = ["plan", "-f", manifest, "--config", configuration, "--observed", "cluster", "--with-databases", "--kubeconfig", cluster.Sandbox.Kubeconfig, .. more];
        return (await CommandLineProgram.RunAsync(args, output, error, Cancelled), output.ToString(), error.ToString());
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = await SuperUserAsync();
        await connection.ScalarAsync(sql, Cancelled);
    }

    private async Task<object?> AskAsync(string sql)
    {
        await using var connection = await SuperUserAsync();
        return await connection.ScalarAsync(sql, Cancelled);
    }

    private Task<NpgsqlConnection> SuperUserAsync() => cluster.ConnectAsync(Name, "postgres", "postgres", Cancelled);
}
