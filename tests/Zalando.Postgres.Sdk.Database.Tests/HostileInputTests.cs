using Npgsql;
using Zalando.Postgres.Sdk.Database.Tests.Injection;
using Zalando.Postgres.Sdk.Database.Tests.Servers;
using Zalando.Postgres.Sdk.Planning.Databases;
using Zalando.Postgres.Sdk.Planning.Roles;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;

namespace Zalando.Postgres.Sdk.Database.Tests;

public sealed class HostileInputTests(PostgresTemplate postgres)
{
    private static readonly IReadOnlyList<string> Texts = HostileTexts.Names;

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
            (await instance.RowsAsync("postgres", "SELECT substr(c, strpos(c, '=') + 1) FROM pg_db_role_setting, unnest(setconfig) c WHERE setrole = 'infra'::regrole")).Order(StringComparer.Ordinal));
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
        Assert.Equal(Texts.Count, left.Findings.Count(f => f.Code == "InvalidDatabaseName" && f.FieldPath.StartsWith("spec.databases", StringComparison.Ordinal)));
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
        Assert.Equal(Texts.Count, unknown.Findings.Count(f => f.Code is "UnknownExtension" or "InvalidExtension"));
        Assert.Equal("plpgsql", await instance.ScalarAsync("bar", "SELECT string_agg(extname, ',') FROM pg_extension"));
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
}
