using Zalando.Postgres.Sdk.Database.Tests.Servers;
using Zalando.Postgres.Sdk.Planning.Databases;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;

namespace Zalando.Postgres.Sdk.Database.Tests;

public sealed class ConvergenceTests(PostgresTemplate postgres)
{
    private static readonly PostgresqlSpec Spec = new()
    {
        Users = new Dictionary<string, IReadOnlyList<string>?> { ["zalando"] = ["superuser", "createdb"], ["foo_user"] = [] },
        Databases = new Dictionary<string, string> { ["foo"] = "zalando" },
        PreparedDatabases = new Dictionary<string, PreparedDatabase?>
        {
            ["bar"] = new() { Extensions = new Dictionary<string, string> { ["hstore"] = "data", ["pgcrypto"] = "public" }, Schemas = new Dictionary<string, PreparedSchema?> { ["data"] = null, ["public"] = null } },
        },
        EnableConnectionPooler = true,
    };

    [Fact]
    public async Task Killed_after_every_single_change_the_operator_reaches_the_same_end_state()
    {
        await using var whole = await postgres.StartAsync();
        Assert.Empty((await new Convergence(whole, Spec).ConvergeAsync()).Changes);
        await using var piecewise = await postgres.StartAsync();
        var convergence = new Convergence(piecewise, Spec);
        var first = await convergence.PlanAsync();
        var rounds = 0;
        for (var plan = first; plan.Changes.Count > 0; plan = await convergence.PlanAsync())
        {
            Assert.True(++rounds <= first.Changes.Count, $"change {rounds} of {first.Changes.Count}: {plan.Changes[0].Change}");
            // A new process: nothing is remembered, everything is observed again.
            await using var server = new PostgresServer(piecewise.Settings);
            await server.ApplyAsync(plan.Changes[0].Change);
        }

        Assert.Equal(first.Changes.Count, rounds);
        Assert.Equal(await ServerCatalogue.ReadAsync(whole), await ServerCatalogue.ReadAsync(piecewise));
        TestContext.Current.TestOutputHelper?.WriteLine($"{rounds} changes, killed after each");
    }

    // As other operators leave it: one row for every name.
    private const string FormerLookup = """
        DROP FUNCTION pooler.user_lookup(text);
        CREATE FUNCTION pooler.user_lookup(i_username text, OUT uname text, OUT phash text) RETURNS record LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
          AS 'BEGIN SELECT usename, passwd INTO uname, phash FROM pg_catalog.pg_shadow WHERE usename = i_username; RETURN; END';
        REVOKE ALL ON FUNCTION pooler.user_lookup(text) FROM PUBLIC;
        GRANT EXECUTE ON FUNCTION pooler.user_lookup(text) TO pooler
        """;

    // One server for all of them: starting one takes longer than the test.
    private static readonly (string Sql, string Database, Type Change, string? Reason)[] Drift =
    [
        ("ALTER ROLE foo_user PASSWORD 'by hand'", "postgres", typeof(SetRolePassword), "the stored password is not that of the Secret of the role"),
        ("ALTER ROLE foo_user PASSWORD NULL", "postgres", typeof(SetRolePassword), "the role has no password, the Secret of the role has one"),
        ("DROP ROLE foo_user", "postgres", typeof(CreateRole), "the role does not exist"),
        ("ALTER ROLE zalando NOSUPERUSER", "postgres", typeof(AlterRole), "the role has other attributes than its definition"),
        ("ALTER ROLE foo_user CREATEROLE REPLICATION", "postgres", typeof(AlterRole), "the role has other attributes than its definition"),
        ("REVOKE bar_reader FROM bar_writer", "postgres", typeof(GrantRole), null),
        ("REVOKE ADMIN OPTION FOR bar_reader FROM bar_owner", "postgres", typeof(GrantRole), null),
        ("ALTER ROLE bar_reader RESET search_path", "postgres", typeof(SetRoleSetting), null),
        ("ALTER DATABASE foo OWNER TO foo_user", "postgres", typeof(AlterDatabaseOwner), "the database has another owner"),
        ("ALTER SCHEMA data OWNER TO zalando", "bar", typeof(AlterSchemaOwner), "the schema has another owner"),
        ("REVOKE USAGE ON SCHEMA data FROM bar_reader", "bar", typeof(GrantSchemaUsage), "roles may not use the schema"),
        ("ALTER DEFAULT PRIVILEGES FOR ROLE bar_owner REVOKE SELECT ON TABLES FROM bar_reader", "bar", typeof(GrantDefaultPrivileges), "default privileges are missing"),
        ("ALTER DEFAULT PRIVILEGES FOR ROLE bar_data_owner IN SCHEMA data REVOKE USAGE ON SEQUENCES FROM bar_writer", "bar", typeof(GrantDefaultPrivileges), "default privileges are missing"),
        ("ALTER EXTENSION hstore SET SCHEMA public", "bar", typeof(MoveExtension), "the extension is in another schema"),
        ("DROP EXTENSION pgcrypto", "bar", typeof(CreateExtension), "the extension is not installed"),
        ("GRANT EXECUTE ON FUNCTION pooler.user_lookup(text) TO PUBLIC", "foo", typeof(InstallPoolerLookup), "others than the pooler may call the function, or the pooler may not"),
        ("ALTER FUNCTION pooler.user_lookup(text) RESET search_path", "foo", typeof(InstallPoolerLookup), "the function does not pin its search path"),
        (FormerLookup, "foo", typeof(InstallPoolerLookup), "the function answers a row without values for a role that it does not serve, so PgBouncer reports a mistake in its configuration"),
        ("REVOKE USAGE ON SCHEMA pooler FROM pooler", "postgres", typeof(InstallPoolerLookup), "the pooler may not use the schema"),
    ];

    [Fact]
    public async Task Drift_is_found_and_repaired_with_its_reason()
    {
        await using var instance = await postgres.StartAsync();
        var convergence = new Convergence(instance, Spec);
        Assert.Empty((await convergence.ConvergeAsync()).Changes);
        var healthy = await ServerCatalogue.ReadAsync(instance);
        foreach (var (sql, database, change, reason) in Drift)
        {
            await instance.ExecuteAsync(database, sql);
            var plan = await convergence.PlanAsync();
            Assert.True(plan.Changes.Count > 0, sql);
            Assert.Equal((sql, change), (sql, plan.Changes[0].Change.GetType()));
            Assert.Equal((sql, reason), (sql, plan.Changes[0].Reasons[0].Explanation));
            Assert.Empty((await convergence.ConvergeAsync()).Changes);
        }

        Assert.Equal(healthy, await ServerCatalogue.ReadAsync(instance));
    }

    [Fact]
    public async Task An_unchanged_server_is_only_read_and_a_few_times()
    {
        await using var instance = await postgres.StartAsync();
        var convergence = new Convergence(instance, Spec);
        Assert.Empty((await convergence.ConvergeAsync()).Changes);
        await instance.ExecuteAsync("postgres", "SELECT pg_stat_statements_reset()");
        Assert.Empty((await convergence.PlanAsync()).Changes);
        var statements = await instance.RowsAsync("postgres", "SELECT calls, query FROM pg_stat_statements WHERE query !~ 'pg_stat_statements'");
        Assert.NotEmpty(statements);
        Assert.All(statements, s => Assert.Matches("^[0-9]+ [|] SELECT ", s));
        Assert.True(statements.Sum(s => int.Parse(s.Split(' ')[0])) <= 20, string.Join('\n', statements));
    }

    [Fact]
    public async Task Privileges_arrive_in_databases_and_schemas_that_were_there_before()
    {
        await using var instance = await postgres.StartAsync();
        var plain = Spec with { PreparedDatabases = null, Databases = new Dictionary<string, string> { ["bar"] = "zalando" }, EnableConnectionPooler = null };
        Assert.Empty((await new Convergence(instance, plain).ConvergeAsync()).Changes);
        await instance.ExecuteAsync("bar", "CREATE SCHEMA data AUTHORIZATION zalando");
        Assert.Empty((await new Convergence(instance, Spec).ConvergeAsync()).Changes);
        await instance.ExecuteAsync("bar", "SET ROLE bar_public_owner; RESET ROLE; GRANT CREATE ON SCHEMA public TO bar_owner; SET ROLE bar_owner; CREATE TABLE public.t (id int); CREATE TABLE data.u (id int)");
        await using var reader = await instance.ConnectAsync("bar");
        foreach (var (role, table) in new[] { ("bar_reader", "public.t"), ("bar_public_reader", "public.t"), ("bar_reader", "data.u"), ("bar_data_reader", "data.u") })
            Assert.Equal("True", await instance.ScalarAsync("bar", $"SELECT has_table_privilege('{role}', '{table}', 'SELECT') AND NOT has_table_privilege('{role}', '{table}', 'INSERT')"));
        Assert.Equal("True", await instance.ScalarAsync("bar", "SELECT has_table_privilege('bar_data_writer', 'data.u', 'SELECT, INSERT, UPDATE, DELETE')"));
    }

    [Fact]
    public async Task A_database_that_lets_nobody_in_does_not_hold_up_the_others()
    {
        await using var instance = await postgres.StartAsync();
        Assert.Empty((await new Convergence(instance, Spec).ConvergeAsync()).Changes);
        await instance.ExecuteAsync("postgres", "ALTER DATABASE bar ALLOW_CONNECTIONS false; DROP ROLE foo_user");
        var left = await new Convergence(instance, Spec).ConvergeAsync();
        Assert.Empty(left.Changes);
        Assert.Contains(left.Findings, f => f is { Code: "DatabaseNotObserved", Value: "bar" });
        Assert.Equal("1", await instance.ScalarAsync("postgres", "SELECT count(*) FROM pg_roles WHERE rolname = 'foo_user'"));
    }

    [Fact]
    public async Task A_membership_the_wrong_way_round_is_turned()
    {
        await using var instance = await postgres.StartAsync();
        var convergence = new Convergence(instance, Spec) { Settings = Settings(s => s with { Users = s.Users with { AdditionalOwnerRoles = ["cron_admin"] } }) };
        Assert.Empty((await new Convergence(instance, Spec).ConvergeAsync()).Changes);
        await instance.ExecuteAsync("postgres", "GRANT bar_owner TO cron_admin");
        Assert.Empty((await convergence.ConvergeAsync()).Changes);
        Assert.Equal(
            ["bar_data_owner", "bar_owner", "bar_public_owner", "zalando"],
            await instance.RowsAsync("postgres", "SELECT r.rolname FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.member WHERE m.roleid = 'cron_admin'::regrole ORDER BY 1"));
    }

    [Fact]
    public async Task Former_team_members_lose_their_login_and_get_their_role_back_when_they_return()
    {
        await using var instance = await postgres.StartAsync();
        await instance.ExecuteAsync("postgres", "CREATE ROLE bystander LOGIN IN ROLE zalandos");
        Assert.Empty((await Team("alice", "bob").ConvergeAsync()).Changes);
        Assert.Empty((await Team("bob").ConvergeAsync()).Changes);
        Assert.Equal(["alice_deleted | False", "bob | True", "bystander | True"], await MembersAsync());
        Assert.Empty((await Team(null).ConvergeAsync()).Changes);
        Assert.Equal(["alice_deleted | False", "bob | True", "bystander | True"], await MembersAsync());
        Assert.Empty((await Team("alice", "bob").ConvergeAsync()).Changes);
        Assert.Equal(["alice | True", "bob | True", "bystander | True"], await MembersAsync());

        Convergence Team(params string[]? members) => new(instance, Spec with { TeamId = "acid", PreparedDatabases = null })
        {
            Settings = Settings(s => s with { TeamsApi = s.TeamsApi with { EnableTeamsApi = true, EnableTeamMemberDeprecation = true } }),
            Inputs = new() { TeamMembers = members is null ? null : new Dictionary<string, IReadOnlyList<string>> { ["acid"] = members } },
        };

        Task<List<string>> MembersAsync() => instance.RowsAsync("postgres", "SELECT r.rolname, r.rolcanlogin FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.member WHERE m.roleid = 'zalandos'::regrole ORDER BY 1");
    }

    [Fact]
    public async Task A_role_declared_absent_goes_once_it_owns_nothing()
    {
        await using var instance = await postgres.StartAsync();
        Assert.Empty((await new Convergence(instance, Spec).ConvergeAsync()).Changes);
        await instance.ExecuteAsync("foo", "CREATE TABLE t (id int); ALTER TABLE t OWNER TO foo_user");
        var absent = new Convergence(instance, Spec with { Users = Spec.Users!.Where(u => u.Key != "foo_user").ToDictionary(), UserOptions = new Dictionary<string, UserOptions> { ["foo_user"] = new() { State = "absent" } } });
        var left = await absent.ConvergeAsync();
        Assert.Empty(left.Changes);
        Assert.Contains(left.Findings, f => f is { Code: "RoleInUse", Value: "foo_user" });
        Assert.Equal("False", await instance.ScalarAsync("postgres", "SELECT rolcanlogin FROM pg_roles WHERE rolname = 'foo_user'"));
        await instance.ExecuteAsync("foo", "DROP TABLE t");
        Assert.Empty((await absent.ConvergeAsync()).Changes);
        Assert.Empty(await instance.RowsAsync("postgres", "SELECT 1 FROM pg_roles WHERE rolname = 'foo_user'"));
    }

    [Fact]
    public async Task Errors_say_what_was_tried_where_and_in_the_servers_words()
    {
        await using var instance = await postgres.StartAsync();
        await using var wrong = new PostgresServer(instance.Settings with { Password = _ => ValueTask.FromResult("canary") });
        var failure = await Assert.ThrowsAsync<DatabaseException>(() => wrong.ObserveAsync(_ => false));
        Assert.Equal((DatabaseFailure.Unauthorized, "28P01"), (failure.Failure, failure.SqlState));
        Assert.DoesNotContain("canary", failure.ToString(), StringComparison.Ordinal);
        await using var closed = new PostgresServer(instance.Settings with { Port = 1 });
        Assert.Equal(DatabaseFailure.Unreachable, (await Assert.ThrowsAsync<DatabaseException>(() => closed.ObserveAsync(_ => false))).Failure);
        await using var encrypted = new PostgresServer(instance.Settings with { Tls = PostgresTls.Require });
        Assert.Equal(DatabaseFailure.Unreachable, (await Assert.ThrowsAsync<DatabaseException>(() => encrypted.ObserveAsync(_ => false))).Failure);
        await using var server = new PostgresServer(instance.Settings);
        failure = await Assert.ThrowsAsync<DatabaseException>(() => server.ApplyAsync(new CreateDatabase { Database = "postgres", Name = "template1", Owner = "postgres" }));
        Assert.Equal(("42P04", $"127.0.0.1:{instance.Port}/postgres: CREATE DATABASE \"template1\" OWNER \"postgres\": 42P04 database \"template1\" already exists"), (failure.SqlState, failure.Message));
    }

    private static OperatorSettings Settings(Func<OperatorSettings, OperatorSettings> change) =>
        change(OperatorSettings.Defaults with { TeamsApi = OperatorSettings.Defaults.TeamsApi with { EnableTeamsApi = false } });
}
