using Npgsql;
using Zalando.Postgres.Sdk.Database.Tests.Servers;
using Zalando.Postgres.Sdk.Planning.Databases;
using Zalando.Postgres.Sdk.Planning.Roles;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;

namespace Zalando.Postgres.Sdk.Database.Tests;

public sealed class HostileInputTests(PostgresTemplate postgres)
{
    private static readonly string[] Texts =
    [
        "mallory\"; DROP ROLE standby; --", "o'brien", "a'; ALTER ROLE mallory SUPERUSER; --", "%I %L %s %%", "$do$ END $do$; DROP ROLE standby", "a;b", "Ünïcödé",
        "role with blank", "$1", "@x :y ?", "back\\slash'", "E'\\x41'", "/* comment", "-- comment", "\"\"", "''", "{0}", "postgres ", "Postgres", "раstgres",
        "SCRAM-SHA-256$4096:x", "SCRAM-SHA-256'; DROP ROLE standby; --", "md5'; DROP ROLE standby; --          ", new('x', 63), "${HOME}", "<script>", "a\u00A0b", "🐘",
    ];

    [Fact]
    public async Task Names_passwords_and_settings_are_taken_literally_and_execute_nothing()
    {
        await using var instance = await postgres.StartAsync();
        var users = Texts.Select((text, i) => (Name: $"user{i}", Password: text)).ToArray();
        var convergence = new Convergence(instance, new()
        {
            TeamId = "acid",
            Users = users.ToDictionary(u => u.Name, _ => (IReadOnlyList<string>?)[]),
        })
        {
            Settings = OperatorSettings.Defaults with { TeamsApi = OperatorSettings.Defaults.TeamsApi with { EnableTeamsApi = true } },
            Password = r => users.FirstOrDefault(u => u.Name == r.Name).Password ?? "other",
            Inputs = new()
            {
                TeamMembers = new Dictionary<string, IReadOnlyList<string>> { ["acid"] = Texts },
                InfrastructureRoles = [new() { Name = "infra", Password = new("x"), Settings = Texts.Select((t, i) => (Key: $"custom.s{i}", t)).ToDictionary(s => s.Key, s => s.t), MemberOf = Texts }],
            },
        };
        var left = await convergence.ConvergeAsync();
        Assert.Empty(left.Changes.Select(c => c.ToString()));
        Assert.Equal(Texts.Order(StringComparer.Ordinal), (await instance.RowsAsync("postgres", "SELECT r.rolname FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.member WHERE m.roleid = 'zalandos'::regrole")).Order(StringComparer.Ordinal));
        Assert.Equal("postgres", await instance.ScalarAsync("postgres", "SELECT string_agg(rolname, ',') FROM pg_roles WHERE rolsuper"));
        Assert.Equal("1", await instance.ScalarAsync("postgres", "SELECT count(*) FROM pg_roles WHERE rolname = 'standby'"));
        Assert.Equal(
            Texts.Select(t => SettingValue.Parse("custom.s", t)[0]).Order(StringComparer.Ordinal),
            (await instance.RowsAsync("postgres", "SELECT split_part(unnest(setconfig), '=', 2) FROM pg_db_role_setting WHERE setrole = 'infra'::regrole")).Order(StringComparer.Ordinal));
        foreach (var (name, password) in users.Where(u => u.Password.All(char.IsAscii)))
        {
            var text = new NpgsqlConnectionStringBuilder { Host = "127.0.0.1", Port = instance.Port, Username = name, Password = password, Database = "postgres", Pooling = false, SslMode = SslMode.Disable, GssEncryptionMode = GssEncryptionMode.Disable };
            await using var connection = new NpgsqlConnection(text.ConnectionString);
            await connection.OpenAsync();
            Assert.Equal(System.Data.ConnectionState.Open, connection.State);
        }
    }

    [Fact]
    public async Task Names_of_databases_schemas_and_extensions_are_refused_with_a_finding_or_not_found()
    {
        await using var instance = await postgres.StartAsync();
        var before = await ServerCatalogue.ReadAsync(instance);
        var convergence = new Convergence(instance, new()
        {
            Databases = Texts.ToDictionary(t => t + "\"", _ => "postgres"),
            PreparedDatabases = Texts.Where(NotAName).ToDictionary(t => t, _ => (PreparedDatabase?)new()),
        });
        var left = await convergence.ConvergeAsync();
        Assert.Equal(Texts.Length, left.Findings.Count(f => f.Code == "InvalidDatabaseName" && f.FieldPath.StartsWith("spec.databases", StringComparison.Ordinal)));
        Assert.Equal(Texts.Count(NotAName), left.Findings.Count(f => f.Code == "InvalidDatabaseName" && f.FieldPath.StartsWith("spec.preparedDatabases", StringComparison.Ordinal)));
        Assert.Equal(before, await ServerCatalogue.ReadAsync(instance));

        var extensions = new Convergence(instance, new()
        {
            PreparedDatabases = new Dictionary<string, PreparedDatabase?>
            {
                ["bar"] = new() { Extensions = Texts.ToDictionary(t => t, _ => "public"), Schemas = Texts.Where(NotAName).ToDictionary(t => t, _ => (PreparedSchema?)new()) },
            },
        });
        var unknown = await extensions.ConvergeAsync();
        Assert.Empty(unknown.Changes);
        Assert.Equal(Texts.Length, unknown.Findings.Count(f => f.Code is "UnknownExtension" or "InvalidExtension"));
        Assert.Equal("plpgsql", await instance.ScalarAsync("bar", "SELECT string_agg(extname, ',') FROM pg_extension"));
    }

    [Fact]
    public async Task The_owner_of_a_database_gains_nothing_from_the_super_users_connection()
    {
        await using var instance = await postgres.StartAsync();
        var spec = new PostgresqlSpec
        {
            Users = new Dictionary<string, IReadOnlyList<string>?> { ["mallory"] = ["createdb"] },
            Databases = new Dictionary<string, string> { ["app"] = "mallory" },
            EnableConnectionPooler = true,
        };
        var convergence = new Convergence(instance, spec);
        Assert.Empty((await convergence.ConvergeAsync()).Changes);
        await instance.ExecuteAsync("app", "DROP FUNCTION pooler.user_lookup(text); DROP SCHEMA pooler");
        await using (var mallory = await instance.ConnectAsync("app", "mallory"))
        {
            foreach (var sql in Planted)
            {
                await using var command = new NpgsqlCommand(sql, mallory);
                await command.ExecuteNonQueryAsync();
            }

            await using var trigger = new NpgsqlCommand("CREATE EVENT TRIGGER evil ON ddl_command_start EXECUTE FUNCTION evil.trap()", mallory);
            Assert.Equal("42501", (await Assert.ThrowsAsync<PostgresException>(trigger.ExecuteNonQueryAsync)).SqlState);
        }

        var plan = await convergence.PlanAsync();
        Assert.IsType<InstallPoolerLookup>(Assert.Single(plan.Changes).Change);
        Assert.Contains("belongs to \"mallory\"", plan.Changes[0].Reasons[0].Explanation, StringComparison.Ordinal);
        Assert.Empty((await convergence.ConvergeAsync()).Changes);
        Assert.Equal("postgres", await instance.ScalarAsync("postgres", "SELECT string_agg(rolname, ',') FROM pg_roles WHERE rolsuper"));
        Assert.DoesNotContain("caught", instance.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_lookup_function_serves_users_to_the_pooler_and_nobody_and_nothing_else()
    {
        await using var instance = await postgres.StartAsync();
        var convergence = new Convergence(instance, new()
        {
            Users = new Dictionary<string, IReadOnlyList<string>?> { ["app"] = [], ["boss"] = ["superuser"], ["locked"] = ["nologin"], ["late"] = [], ["silent"] = [] },
            EnableConnectionPooler = true,
        });
        Assert.Empty((await convergence.ConvergeAsync()).Changes);
        await instance.ExecuteAsync("postgres", "ALTER ROLE late VALID UNTIL '2001-01-01'; ALTER ROLE silent PASSWORD NULL");
        await using var pooler = await instance.ConnectAsync("postgres", "pooler");
        Assert.StartsWith("app SCRAM-SHA-256$", Assert.Single(await LookUpAsync("app")), StringComparison.Ordinal);
        // No row, not a row of nulls, which PgBouncer would take for a mistake in its configuration.
        foreach (var refused in new[] { "boss", "postgres", "locked", "late", "silent", "nobody" }) Assert.Empty(await LookUpAsync(refused));
        await using var app = await instance.ConnectAsync("postgres", "app");
        await using var call = new NpgsqlCommand("SELECT * FROM pooler.user_lookup('app')", app);
        Assert.Equal("42501", (await Assert.ThrowsAsync<PostgresException>(call.ExecuteNonQueryAsync)).SqlState);

        async Task<List<string>> LookUpAsync(string user)
        {
            var rows = new List<string>();
            await using var command = new NpgsqlCommand("SELECT * FROM pooler.user_lookup($1)", pooler) { Parameters = { new() { Value = user } } };
            await using var reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync()) rows.Add($"{reader.GetValue(0)} {reader.GetValue(1)}");
            return rows;
        }
    }

    private static bool NotAName(string text) => !RoleName.IsDatabaseName(text);

    private static readonly string[] Planted =
    [
        "CREATE SCHEMA evil",
        "CREATE FUNCTION evil.trap() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN RAISE LOG ''%'', ''ca'' || ''ught''; END'",
        "CREATE FUNCTION evil.format(text, VARIADIC text[]) RETURNS text LANGUAGE plpgsql AS 'BEGIN RAISE LOG ''%'', ''ca'' || ''ught''; EXECUTE ''ALTER ROLE mallory SUPERUSER''; RETURN ''SELECT 1''; END'",
        "CREATE FUNCTION evil.set_config(text, text, boolean) RETURNS text LANGUAGE plpgsql AS 'BEGIN RAISE LOG ''%'', ''ca'' || ''ught''; EXECUTE ''ALTER ROLE mallory SUPERUSER''; RETURN ''''; END'",
        "CREATE FUNCTION evil.eq(name, text) RETURNS boolean LANGUAGE plpgsql AS 'BEGIN RAISE LOG ''%'', ''ca'' || ''ught''; EXECUTE ''ALTER ROLE mallory SUPERUSER''; RETURN true; END'",
        "CREATE OPERATOR evil.= (LEFTARG = name, RIGHTARG = text, FUNCTION = evil.eq)",
        "CREATE OPERATOR evil.<> (LEFTARG = name, RIGHTARG = text, FUNCTION = evil.eq)",
        "CREATE OPERATOR evil.!~ (LEFTARG = name, RIGHTARG = text, FUNCTION = evil.eq)",
        "CREATE VIEW evil.pg_authid AS SELECT 1 AS oid",
        "CREATE SCHEMA pooler",
        "CREATE FUNCTION pooler.user_lookup(i_username text, OUT uname text, OUT phash text) RETURNS record LANGUAGE plpgsql AS 'BEGIN RAISE LOG ''%'', ''ca'' || ''ught''; END'",
        "ALTER DATABASE app SET search_path = evil, pg_catalog",
        "ALTER DATABASE app SET default_transaction_read_only = on",
        "ALTER DATABASE app SET statement_timeout = 1",
        "ALTER DATABASE app SET role = mallory",
        "ALTER DATABASE app SET standard_conforming_strings = off",
    ];
}
