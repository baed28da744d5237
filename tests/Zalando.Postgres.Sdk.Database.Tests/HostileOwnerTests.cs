using Npgsql;
using Zalando.Postgres.Sdk.Database.Tests.Servers;
using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Planning.Databases;
using Zalando.Postgres.Sdk.Planning.Roles;
using Zalando.Postgres.Sdk.Resources;

namespace Zalando.Postgres.Sdk.Database.Tests;

/// <summary>Somebody who owns databases, one of them even the maintenance database, plants in them whatever an owner can.</summary>
public sealed class HostileOwnerTests(PostgresTemplate postgres)
{
    private const string Owner = "mallory";

    // Says so in the log and tries to make its author a super user; in two pieces, so that the log of statements does not hold the word.
    private const string Trap = "BEGIN RAISE LOG ''%'', ''ca'' || ''ught''; BEGIN EXECUTE ''ALTER ROLE mallory SUPERUSER''; EXCEPTION WHEN OTHERS THEN NULL; END; ";

    private static readonly PostgresqlSpec Spec = new()
    {
        TeamId = "acid",
        Users = new Dictionary<string, IReadOnlyList<string>?> { [Owner] = ["createdb"], ["accomplice"] = [], ["victim"] = [] },
        Databases = new Dictionary<string, string> { ["app"] = Owner, ["bar"] = Owner, ["postgres"] = Owner },
        EnableConnectionPooler = true,
    };

    // What the operator does in their databases afterwards: schemas, extensions, privileges, publications, and the lookup function again.
    private static readonly PostgresqlSpec Later = Spec with
    {
        PreparedDatabases = new Dictionary<string, PreparedDatabase?>
        {
            ["bar"] = new()
            {
                Extensions = new Dictionary<string, string> { ["hstore"] = "data", ["pgcrypto"] = "evil", ["citext"] = "public" },
                Schemas = new Dictionary<string, PreparedSchema?> { ["data"] = new() { DefaultUsers = true }, ["evil"] = null, ["public"] = null },
            },
        },
        Streams = [new() { ApplicationId = "app", Database = "bar", Tables = new Dictionary<string, EventStreamTable?> { ["data.orders"] = new() { EventType = "e", RecoveryEventType = "r" } } }],
    };

    [Fact]
    public async Task A_session_for_looking_changes_nothing_whatever_the_role_sets()
    {
        await using var instance = await postgres.StartAsync();
        await instance.ExecuteAsync("postgres", "ALTER ROLE postgres SET default_transaction_read_only = off");
        await using var server = new PostgresServer(instance.Settings with { ReadOnly = true });
        Assert.Contains("postgres", (await server.ObserveAsync(static _ => true)).Databases.Keys);
        foreach (var change in (DatabaseChange[])[new CreateRole { Database = "postgres", Role = "intruder", Attributes = RoleAttributes.LoginOnly }, new CreateDatabase { Database = "postgres", Name = "intruder", Owner = "postgres" }])
        {
            var refused = await Assert.ThrowsAsync<DatabaseException>(() => server.ApplyAsync(change));
            Assert.Equal("25006", refused.SqlState);
        }

        Assert.Empty(await instance.RowsAsync("postgres", "SELECT rolname FROM pg_roles WHERE rolname = 'intruder' UNION ALL SELECT datname FROM pg_database WHERE datname = 'intruder'"));
    }

    [Fact]
    public async Task An_owner_gains_nothing_from_the_super_users_connection_whatever_is_planted()
    {
        await using var instance = await postgres.StartAsync("wal_level = logical\nmax_wal_senders = 1");
        Assert.Empty((await new Convergence(instance, Spec).ConvergeAsync()).Changes);
        instance.SessionOptions = "-c search_path=pg_catalog,pg_temp -c role=none -c statement_timeout=0 -c local_preload_libraries= -c quote_all_identifiers=off -c idle_session_timeout=0 -c client_min_messages=warning -c default_transaction_read_only=off";
        string[] databases = ["app", "bar", "postgres"];
        var planted = 0;
        foreach (var database in databases)
        {
            await instance.ExecuteAsync(database, "DROP FUNCTION pooler.user_lookup(text); DROP SCHEMA pooler; GRANT ALL ON SCHEMA public TO PUBLIC");
            await using var mallory = await instance.ConnectAsync(database, Owner);
            foreach (var sql in Planted(database))
            {
                await using var command = new NpgsqlCommand(sql, mallory);
                var error = await Record.ExceptionAsync(command.ExecuteNonQueryAsync);
                Assert.True(error is null, $"{sql}: {error?.Message}");
                planted++;
            }

            foreach (var (sql, state) in Refused)
            {
                await using var command = new NpgsqlCommand(sql, mallory);
                var refusal = await Assert.ThrowsAsync<PostgresException>(command.ExecuteNonQueryAsync);
                Assert.Equal((sql, state), (sql, refusal.SqlState));
            }
        }

        var before = await PowersAsync(instance);
        var quiet = instance.Log.Length;
        var later = new Convergence(instance, Later);
        var plan = await later.PlanAsync();
        foreach (var database in databases)
        {
            var install = Assert.Single(plan.Changes, c => c.Change is InstallPoolerLookup && c.Change.Database == database);
            Assert.Contains($"belongs to \"{Owner}\"", install.Reasons[0].Explanation, StringComparison.Ordinal);
        }

        var left = (await later.ConvergeAsync()).Changes;
        Assert.True(left.Count == 0, string.Join('\n', left.Select(c => c.Reasons[0])));
        foreach (var schemaOf in new[] { "hstore data", "pgcrypto evil", "citext public" })
            Assert.Equal("1", await instance.ScalarAsync("bar", $"SELECT count(*) FROM pg_extension e JOIN pg_namespace n ON n.oid = extnamespace WHERE format('%s %s', extname, nspname) = '{schemaOf}'"));
        // What happened while things were planted is their owner's own doing.
        var log = instance.Log[quiet..];
        var caught = log.IndexOf("caught", StringComparison.Ordinal);
        Assert.True(caught < 0, caught < 0 ? "" : log.Substring(Math.Max(0, caught - 200), Math.Min(1500, log.Length - caught)));
        Assert.NotEmpty(log);
        Assert.Equal(before, await PowersAsync(instance));

        // The pooler gets the operator's function, whatever is beside it, and nobody else can put anything there any more.
        foreach (var database in databases)
        {
            await using (var pooler = await instance.ConnectAsync(database, "pooler"))
            await using (var command = new NpgsqlCommand("SELECT uname FROM pooler.user_lookup($1)", pooler) { Parameters = { new() { Value = "victim", DataTypeName = "unknown" } } })
                Assert.Equal("victim", await command.ExecuteScalarAsync());
            foreach (var user in new[] { Owner, "accomplice" })
            {
                await using var connection = await instance.ConnectAsync(database, user);
                await using var command = new NpgsqlCommand("CREATE FUNCTION pooler.more() RETURNS int LANGUAGE sql AS 'SELECT 1'", connection);
                Assert.Equal("42501", (await Assert.ThrowsAsync<PostgresException>(command.ExecuteNonQueryAsync)).SqlState);
            }
        }

        // The traps do bite those who step into them.
        await using (var mallory = await instance.ConnectAsync("app", Owner))
        {
            await using var command = new NpgsqlCommand("SELECT evil.set_config('a', 'b', true)", mallory);
            await command.ExecuteNonQueryAsync();
        }

        await instance.ExecuteAsync("postgres", "SELECT 1");
        Assert.Contains("caught", instance.Log, StringComparison.Ordinal);
        TestContext.Current.TestOutputHelper?.WriteLine($"{planted} things were planted, {Refused.Length * databases.Length} more refused to the owner");
    }

    [Theory]
    [InlineData("CREATE PROCEDURE pooler.user_lookup(i_username text) LANGUAGE sql AS 'SELECT 1'")]
    [InlineData("CREATE AGGREGATE pooler.user_lookup(text) (SFUNC = textcat, STYPE = text)")]
    [InlineData("CREATE FUNCTION pooler.user_lookup(i_username text, OUT uname text, OUT phash text) RETURNS record LANGUAGE sql AS 'SELECT 1::text, 2::text'")]
    public async Task Whatever_has_the_name_of_the_lookup_function_is_replaced(string sql)
    {
        await using var instance = await postgres.StartAsync();
        var convergence = new Convergence(instance, Spec with { Databases = new Dictionary<string, string> { ["app"] = Owner } });
        Assert.Empty((await convergence.ConvergeAsync()).Changes);
        await instance.ExecuteAsync("app", $"DROP FUNCTION pooler.user_lookup(text); DROP SCHEMA pooler; CREATE SCHEMA pooler AUTHORIZATION {Owner}; SET ROLE {Owner}; {sql}");
        Assert.IsType<InstallPoolerLookup>(Assert.Single((await convergence.PlanAsync()).Changes).Change);
        Assert.Empty((await convergence.ConvergeAsync()).Changes);
        Assert.Equal("f plpgsql postgres", await instance.ScalarAsync("app", "SELECT format('%s %s %s', prokind, lanname, proowner::regrole) FROM pg_proc p JOIN pg_language l ON l.oid = prolang WHERE proname = 'user_lookup'"));
    }

    // Everything with which one role reaches more than another: attributes, memberships, what belongs to the super user, who may call it, and settings.
    private static async Task<List<string>> PowersAsync(PostgresInstance instance)
    {
        var lines = await instance.RowsAsync("postgres", "SELECT rolname, rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls FROM pg_roles WHERE rolname !~ '^(bar_|pg_|fes_user)'");
        lines.AddRange(await instance.RowsAsync("postgres", $"SELECT roleid::regrole::text FROM pg_auth_members WHERE member = '{Owner}'::regrole"));
        lines.AddRange(await instance.RowsAsync("postgres", "SELECT setrole::regrole::text, setconfig::text FROM pg_db_role_setting WHERE setdatabase = 0 AND setrole <> 0 AND setrole::regrole::text !~ '^bar_'"));
        foreach (var database in new[] { "app", "bar", "postgres" })
        {
            // What extensions bring and the lookup function are the only things of the super user's.
            lines.AddRange(await instance.RowsAsync(database, """
                SELECT current_database(), p.oid::regprocedure::text FROM pg_proc p WHERE p.proowner = 'postgres'::regrole AND p.oid >= 16384
                  AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
                  AND p.oid::regprocedure::text <> 'pooler.user_lookup(text)'
                """));
            lines.AddRange(await instance.RowsAsync(database, "SELECT current_database(), evtname FROM pg_event_trigger"));
        }

        lines.Sort(StringComparer.Ordinal);
        return lines;
    }

    private static IEnumerable<string> Planted(string database)
    {
        yield return "CREATE SCHEMA evil";
        yield return "CREATE SCHEMA data";
        foreach (var schema in new[] { "evil", "public", "data" })
        {
            // Named like every function that the operator calls.
            foreach (var (signature, type, result) in Functions)
                yield return $"CREATE FUNCTION {schema}.{signature} RETURNS {type} LANGUAGE plpgsql AS '{Trap}RETURN {result}; END'";
            foreach (var (name, left) in new[] { ("name", "text"), ("oid", "oid"), ("text", "text"), ("name", "name"), ("char", "char"), ("bool", "bool"), ("regclass", "oid") })
            {
                var function = $"{schema}.eq_{name}_{left}";
                yield return $"CREATE FUNCTION {function}({name}, {left}) RETURNS boolean LANGUAGE plpgsql AS '{Trap}RETURN true; END'";
                foreach (var symbol in new[] { "=", "<>", "!~", "~", ">=", "||" }) yield return $"CREATE OPERATOR {schema}.{symbol} (LEFTARG = {name}, RIGHTARG = {left}, FUNCTION = {function})";
            }

            foreach (var relation in new[] { "pg_authid", "pg_roles", "pg_database", "pg_namespace", "pg_proc", "pg_auth_members", "pg_extension", "pg_publication", "pg_default_acl", "pg_publication_tables" })
                yield return $"CREATE VIEW {schema}.{relation} AS SELECT 1 AS oid, {schema}.current_setting('x') AS rolname";
            foreach (var type in new[] { "text", "int4", "oidvector", "regclass" }) yield return $"CREATE TYPE {schema}.{type} AS (a pg_catalog.int4)";
            yield return $"CREATE FUNCTION {schema}.cast_{schema}({schema}.text) RETURNS pg_catalog.text LANGUAGE plpgsql AS '{Trap}RETURN ''''; END'";
            yield return $"CREATE CAST ({schema}.text AS pg_catalog.text) WITH FUNCTION {schema}.cast_{schema}({schema}.text) AS IMPLICIT";
            yield return $"CREATE AGGREGATE {schema}.bool_or(bool) (SFUNC = {schema}.eq_bool_bool, STYPE = bool)";
            // What the scripts of extensions call or make.
            yield return $"CREATE FUNCTION {schema}.hstore_to_matrix(pg_catalog.text) RETURNS pg_catalog.text LANGUAGE plpgsql AS '{Trap}RETURN ''''; END'";
            yield return $"ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT ALL ON TABLES TO PUBLIC";
            yield return $"ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT ALL ON FUNCTIONS TO accomplice";
        }

        yield return "ALTER DEFAULT PRIVILEGES GRANT ALL ON SCHEMAS TO PUBLIC";
        yield return "CREATE SCHEMA pooler";
        yield return "GRANT ALL ON SCHEMA pooler TO accomplice WITH GRANT OPTION";
        yield return "GRANT CREATE ON SCHEMA pooler TO PUBLIC";
        foreach (var type in new[] { "text", "varchar", "name", "anyelement", "json" })
            yield return $"CREATE FUNCTION pooler.user_lookup(i_username {type}, OUT uname text, OUT phash text) RETURNS record LANGUAGE plpgsql AS '{Trap}END'";
        // A table of a stream whose columns compute something.
        yield return $"CREATE FUNCTION data.computed() RETURNS int LANGUAGE plpgsql IMMUTABLE AS '{Trap}RETURN 1; END'";
        yield return "CREATE TABLE data.orders (id int DEFAULT data.computed(), more int GENERATED ALWAYS AS (data.computed()) STORED, CHECK (data.computed() > 0))";
        yield return "ALTER TABLE data.orders ENABLE ROW LEVEL SECURITY";
        yield return "CREATE POLICY trap ON data.orders USING (data.computed() = 1)";
        yield return "CREATE PUBLICATION fes_mallory FOR TABLE data.orders WHERE (id > 0)";
        yield return $"COMMENT ON DATABASE {database} IS 'postgres-operator: rotated role of postgres'";
        foreach (var setting in new[]
        {
            "search_path = evil, data, public, pg_catalog", "default_transaction_read_only = on", "default_transaction_isolation = serializable", "statement_timeout = 1", "lock_timeout = 1",
            "idle_in_transaction_session_timeout = 1", "idle_session_timeout = 1", "role = mallory", "standard_conforming_strings = off", "client_encoding = 'SQL_ASCII'", "quote_all_identifiers = on", "row_security = off",
            "check_function_bodies = on", "default_tablespace = 'none_such'", "temp_tablespaces = ''", "synchronous_commit = on", "client_min_messages = debug5", "debug_print_parse = on",
            "debug_print_plan = on", "debug_print_rewritten = on", "log_parameter_max_length_on_error = -1", "transform_null_equals = on", "array_nulls = off", "bytea_output = 'escape'", "backslash_quote = on",
            "local_preload_libraries = ''", "plpgsql.extra_errors = 'all'", "plpgsql.print_strict_params = on", "timezone = 'Pacific/Kiritimati'", "datestyle = 'German'",
        })
            yield return $"ALTER DATABASE {database} SET {setting}";
        yield return "ALTER ROLE mallory SET search_path = evil";
    }

    private static readonly (string Signature, string Type, string Result)[] Functions =
    [
        ("format(text, VARIADIC text[])", "text", "''ALTER ROLE mallory SUPERUSER''"), ("set_config(text, text, boolean)", "text", "''''"), ("current_setting(text)", "text", "''''"),
        ("aclexplode(aclitem[])", "text", "''''"), ("acldefault(\"char\", oid)", "aclitem[]", "NULL"), ("pg_get_userbyid(oid)", "name", "NULL"), ("shobj_description(oid, name)", "text", "''''"),
        ("pg_is_in_recovery()", "boolean", "false"), ("now()", "timestamptz", "NULL"), ("count(integer)", "integer", "1"), ("pg_available_extensions()", "text", "''''"),
        ("text(name)", "text", "''''"), ("int4(text)", "integer", "1"), ("textcat(text, text)", "text", "''''"), ("digest(varchar, varchar)", "bytea", "NULL"),
    ];

    private static readonly (string Sql, string State)[] Refused =
    [
        ("CREATE EVENT TRIGGER evil ON ddl_command_start EXECUTE FUNCTION evil.format()", "42501"),
        ("CREATE EVENT TRIGGER evil ON login EXECUTE FUNCTION evil.format()", "42501"),
        ("ALTER ROLE postgres SET search_path = evil", "42501"),
        ("ALTER ROLE ALL SET search_path = evil", "42501"),
        ("ALTER ROLE postgres IN DATABASE app SET search_path = evil", "42501"),
        ("ALTER SYSTEM SET search_path = evil", "42501"),
        ("ALTER DATABASE app SET session_preload_libraries = 'evil'", "42501"),
        ("ALTER DATABASE app SET session_replication_role = replica", "42501"),
        ("ALTER DATABASE app SET log_statement = 'all'", "42501"),
        ("ALTER DEFAULT PRIVILEGES FOR ROLE postgres GRANT ALL ON FUNCTIONS TO mallory", "42501"),
        ("CREATE FUNCTION pg_catalog.evil() RETURNS int LANGUAGE sql AS 'SELECT 1'", "42501"),
        ("CREATE FUNCTION evil.c() RETURNS int LANGUAGE internal AS 'pg_backend_pid'", "42501"),
        ("CREATE FUNCTION evil.c() RETURNS int LANGUAGE c AS 'evil'", "42501"),
        ("CREATE TRUSTED LANGUAGE evil HANDLER plpgsql_call_handler", "42501"),
        ("ALTER LANGUAGE plpgsql OWNER TO mallory", "42501"),
        ("DROP EXTENSION plpgsql", "42501"),
        ("CREATE CAST (name AS text) WITH FUNCTION evil.text(name) AS IMPLICIT", "42501"),
        ("CREATE OPERATOR CLASS evil.c DEFAULT FOR TYPE int4 USING btree AS OPERATOR 1 <", "42501"),
        ("CREATE ACCESS METHOD evil TYPE INDEX HANDLER bthandler", "42501"),
        ("CREATE FOREIGN DATA WRAPPER evil", "42501"),
        ("CREATE PUBLICATION everything FOR ALL TABLES", "42501"),
        ("COMMENT ON ROLE postgres IS 'postgres-operator: team member'", "42501"),
        ("COMMENT ON ROLE victim IS 'postgres-operator: rotated role of victim'", "42501"),
        ("GRANT pg_execute_server_program TO mallory", "42501"),
        ("SET ROLE postgres", "42501"),
    ];
}
