using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Npgsql;
using Zalando.Postgres.Sdk.Database.Tests.Servers;
using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Planning.Databases;
using Zalando.Postgres.Sdk.Planning.Roles;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Database.Tests.Injection;

/// <summary>Every text of the corpus at every place where somebody can write text: nothing but a quoted argument of a statement ever comes of it.</summary>
public sealed class InjectionTests(PostgresTemplate postgres)
{
    // Where an input reaches a statement, as an argument. A field that is not named here and does so fails, and one that is named and does not, too.
    private static readonly string[] ReachingStatements =
    [
        "configuration.connection_pooler.connection_pooler_schema", "configuration.connection_pooler.connection_pooler_user",
        "configuration.teams_api.pam_role_name", "configuration.teams_api.role_deletion_suffix", "configuration.teams_api.team_admin_role",
        "configuration.teams_api.team_api_role_configuration{key}", "configuration.teams_api.team_api_role_configuration{}",
        "configuration.users.additional_owner_roles[]", "configuration.users.super_username",
        "infrastructure.AdminRole", "infrastructure.MemberOf", "infrastructure.Name", "infrastructure.Settings{key}", "infrastructure.Settings{}",
        "members.TeamMembers{}", "spec.connectionPooler.schema", "spec.connectionPooler.user",
        "spec.databases{key}", "spec.preparedDatabases{key}", "spec.preparedDatabases{}.extensions{}", "spec.preparedDatabases{}.schemas{key}", "spec.streams[].tables{key}",
        "spec.userOptions{}.memberOf[]", "team.additionalMembers{}[]",
    ];

    private static readonly JsonObject Spec = (JsonObject)JsonNode.Parse("""
        {
          "teamId": "acid", "numberOfInstances": 2, "volume": { "size": "1Gi" },
          "postgresql": { "version": "15", "parameters": { "log_statement": "all" } },
          "users": { "app": ["createdb"] }, "userOptions": { "app": { "memberOf": ["robot_zmon"] } },
          "databases": { "db": "app" },
          "preparedDatabases": { "pre": { "schemas": { "data": {} }, "extensions": { "hstore": "data" } } },
          "enableConnectionPooler": true, "enableReplicaConnectionPooler": true,
          "connectionPooler": { "parameters": { "query_timeout": "5" }, "users": { "app": { "poolMode": "session" } }, "accessList": ["host all all 0.0.0.0/0 md5"] },
          "streams": [ { "applicationId": "reader", "database": "db", "filter": { "public.t": "[?id > 1]" }, "tables": { "public.t": { "eventType": "e", "recoveryEventType": "r", "idColumn": "id", "payloadColumn": "p" } } } ],
          "patroni": { "pg_hba": ["hostssl all all all md5"], "slots": { "s": { "type": "physical" } }, "initdb": { "encoding": "UTF8" } },
          "enableLogicalBackup": true, "logicalBackupSchedule": "0 3 * * *",
          "sidecars": [ { "name": "side", "image": "i" } ],
          "podAnnotations": { "a": "b" }, "serviceAnnotations": { "a": "b" }
        }
        """)!;

    private static readonly JsonObject Configuration = (JsonObject)JsonNode.Parse("""
        {
          "users": { "additional_owner_roles": ["cron_admin"] },
          "teams_api": { "enable_teams_api": true, "enable_postgres_team_crd": true, "enable_team_member_deprecation": true, "pam_role_name": "zalandos", "team_admin_role": "admin", "team_api_role_configuration": { "log_statement": "all" } },
          "kubernetes": { "inherited_labels": ["x"], "cluster_labels": { "application": "spilo" }, "enable_cross_namespace_secret": true }
        }
        """)!;

    private static readonly JsonObject Team = (JsonObject)JsonNode.Parse("""{ "additionalMembers": { "acid": ["alice"] }, "additionalTeams": { "acid": ["more"] }, "additionalSuperuserTeams": { "acid": ["root"] } }""")!;

    // What reaches planning beside resources: each property of these types is an input.
    private static readonly IReadOnlyDictionary<string, Func<string, World, World>> Others = new Dictionary<string, Func<string, World, World>>(StringComparer.Ordinal)
    {
        ["infrastructure.Name"] = (text, w) => w with { Infrastructure = Role with { Name = text } },
        ["infrastructure.Password"] = (text, w) => w with { Infrastructure = Role with { Password = new(text) } },
        ["infrastructure.Flags"] = (text, w) => w with { Infrastructure = Role with { Flags = [text] } },
        ["infrastructure.MemberOf"] = (text, w) => w with { Infrastructure = Role with { MemberOf = [text] } },
        ["infrastructure.Settings{key}"] = (text, w) => w with { Infrastructure = Role with { Settings = new Dictionary<string, string> { [text] = "1" } } },
        ["infrastructure.Settings{}"] = (text, w) => w with { Infrastructure = Role with { Settings = new Dictionary<string, string> { ["custom.setting"] = text } } },
        ["infrastructure.AdminRole"] = (text, w) => w with { Infrastructure = Role with { AdminRole = text } },
        ["members.TeamMembers{key}"] = (text, w) => w with { Members = new Dictionary<string, IReadOnlyList<string>> { [text] = ["bob"] } },
        ["members.TeamMembers{}"] = (text, w) => w with { Members = new Dictionary<string, IReadOnlyList<string>> { ["acid"] = [text] } },
        ["members.UnansweredTeams"] = (text, w) => w with { Unanswered = [text] },
        ["secret.UserName"] = (text, w) => w with { SecretUser = text },
        ["secret.Password"] = (text, w) => w with { SecretPassword = text },
        ["secret.Next"] = (text, w) => w with { NextUser = text, NextPassword = text },
    };

    private static InfrastructureRole Role => new() { Name = "infra", Password = new("of the infrastructure") };

    [Fact]
    public void Every_property_that_brings_text_beside_resources_is_an_input_of_the_corpus()
    {
        Assert.Equal(
            typeof(InfrastructureRole).GetProperties().Select(p => "infrastructure." + p.Name).Concat(new[] { "members.TeamMembers", "members.UnansweredTeams" })
                .Concat(typeof(SecretCredentials).GetProperties().Select(p => "secret." + p.Name)).Order(StringComparer.Ordinal),
            Others.Keys.Select(k => k.Split('{')[0]).Distinct().Order(StringComparer.Ordinal));
        // What else is in the inputs of roles: the roles above, the objects of the teams, and whether they are known.
        Assert.Equal(
            ["InfrastructureRoles", "None", "PostgresTeams", "PostgresTeamsObserved", "TeamMembers", "UnansweredTeams"],
            typeof(RoleInputs).GetProperties().Select(p => p.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Nothing_executes_whatever_is_written_wherever()
    {
        await using var instance = await postgres.StartAsync("wal_level = logical\nlog_min_duration_statement = -1\nlog_statement = none");
        await using var server = new PostgresServer(instance.Settings);
        foreach (var change in Plan(World.Start, null).Changes.OfType<ChangeDatabase>())
        {
            if (change.Change is not CreatePublication) await server.ApplyAsync(change.Change);
        }

        await instance.ExecuteAsync("db", "CREATE TABLE public.t (id int); CREATE ROLE former LOGIN; COMMENT ON ROLE former IS 'postgres-operator: team member'");
        // Names that exist get further than those that do not.
        foreach (var text in HostileTexts.Names)
        {
            await CreateAsync(instance, "postgres", "CREATE ROLE %I", text);
            foreach (var database in new[] { "db", "pre" })
            {
                await CreateAsync(instance, database, "CREATE SCHEMA %I", text);
                await CreateAsync(instance, database, "CREATE TABLE %I.%I ()", text);
            }
        }

        var observed = await server.ObserveAsync(d => d.AllowsConnections);
        var always = Plan(World.Start, observed).Changes.Select(c => c is ChangeDatabase d ? d.Change.ToString() : "").ToHashSet(StringComparer.Ordinal);
        var reached = new SortedSet<string>(StringComparer.Ordinal);
        var hostile = new Dictionary<string, DatabaseChange>(StringComparer.Ordinal);
        var (count, refused) = (0, 0);
        foreach (var (place, make) in Places())
        {
            // Everything where something becomes of it; elsewhere some of each kind are enough to notice when something does.
            var step = ReachingStatements.Contains(place) || place.StartsWith("spec.connectionPooler", StringComparison.Ordinal) || Others.ContainsKey(place) ? 1 : 9;
            foreach (var text in HostileTexts.All.Where((_, i) => i % step == 0))
            {
                count++;
                if (make(text) is not { } world)
                {
                    refused++;
                    continue;
                }

                Plan? planned = null;
                var failure = Record.Exception(() => planned = Plan(world, observed));
                Assert.True(failure is null, $"{place}: {text[..Math.Min(80, text.Length)]}: {failure}");
                var plan = planned!;
                foreach (var change in plan.Changes.OfType<ChangeDatabase>().Select(c => c.Change))
                {
                    foreach (var statement in change.ToSql())
                    {
                        // The text of a statement is ours whatever is written; only its arguments are theirs.
                        if (text.Length > 3) Assert.DoesNotContain(text, statement.Template, StringComparison.Ordinal);
                        if (text.Trim().Length > 5 && HostileTexts.Names.Contains(text) && statement.Arguments.Any(a => !a.IsSecret && a.Value.Contains(text, StringComparison.Ordinal))) reached.Add(place);
                    }

                    if (!always.Contains(change.ToString())) hostile.TryAdd(change.ToString(), change);
                }

                CheckFiles(place, plan);
            }
        }

        Assert.True(reached.SetEquals(ReachingStatements), $"only now: {string.Join(", ", reached.Except(ReachingStatements))}; no more: {string.Join(", ", ReachingStatements.Except(reached))}");

        // All that comes of it, on the server: exactly what each change says, and nothing else.
        var before = await CatalogueAsync(instance);
        var expected = before.ToHashSet(StringComparer.Ordinal);
        var made = 0;
        foreach (var change in hostile.Values)
        {
            var error = await Record.ExceptionAsync(() => server.ApplyAsync(change));
            if (error is not null)
            {
                Assert.IsType<DatabaseException>(error);
                continue;
            }

            made++;
            Expect(change, expected);
        }

        Assert.Equal(expected.Where(l => !l.StartsWith("schema | ", StringComparison.Ordinal) || !l.EndsWith(" | public", StringComparison.Ordinal)).Order(StringComparer.Ordinal), (await CatalogueAsync(instance)).Order(StringComparer.Ordinal));
        Assert.True(made > 100, $"{made} of {hostile.Count}");
        TestContext.Current.TestOutputHelper?.WriteLine($"{count} inputs at {Places().Count()} places, {refused} refused when they are read; {hostile.Count} changes came of them, {made} were made on the server");
    }

    [Fact]
    public void Infrastructure_roles_in_every_format_are_read_as_text()
    {
        foreach (var text in HostileTexts.All.Where(t => t.Length is > 0 and < 1000))
        {
            InfrastructureRoleSource Source(params (string, string)[] values) => new() { Secret = values.ToDictionary(v => v.Item1, v => v.Item2) };
            var numbered = new InfrastructureRoleSecret { SecretName = "s", UserKey = "user", PasswordKey = "password", RoleKey = "inrole", Template = true };
            var role = Assert.Single(InfrastructureRoleReader.Read([numbered], _ => Source(("user1", text), ("password1", text), ("inrole1", text)), out _));
            Assert.Equal((text, text, text), (role.Name, role.Password.Reveal(), Assert.Single(role.MemberOf)));
            var single = new InfrastructureRoleSecret { SecretName = "s", UserKey = text, PasswordKey = text + "p", RoleKey = text + "r" };
            role = Assert.Single(InfrastructureRoleReader.Read([single], _ => Source((text, text), (text + "p", text), (text + "r", text)), out _));
            Assert.Equal((text, text, text), (role.Name, role.Password.Reveal(), Assert.Single(role.MemberOf)));
            var mapped = Source((text, text)) with
            {
                ConfigMap = new Dictionary<string, JsonObject?>
                {
                    [text] = new() { ["inrole"] = new JsonArray(text), ["user_flags"] = new JsonArray(text), ["admin_role"] = text, ["db_parameters"] = new JsonObject { [text] = text } },
                },
            };
            role = Assert.Single(InfrastructureRoleReader.Read([single with { UserKey = "none", PasswordKey = "none" }], _ => mapped, out var findings));
            Assert.Equal((text, text, text, text), (role.Name, role.Password.Reveal(), Assert.Single(role.Flags), role.AdminRole));
            Assert.Equal(new(text, text), Assert.Single(role.Settings));
            Assert.DoesNotContain(findings, f => f.Rule.Contains(role.Password.Reveal() + "\n", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task A_password_is_only_a_password_and_a_stored_form_only_when_it_is_exactly_one()
    {
        await using var instance = await postgres.StartAsync();
        string[] forged =
        [
            "SCRAM-SHA-256$4096:c2FsdA==$x:y", "SCRAM-SHA-256$4096:", "SCRAM-SHA-256", "SCRAM-SHA-256$1:c2FsdA==$" + Convert.ToBase64String(new byte[32]) + ":" + Convert.ToBase64String(new byte[31]),
            "scram-sha-256$4096:c2FsdA==$a:b", "md5" + new string('0', 31), "md5" + new string('G', 32), "MD5" + new string('0', 32), "md5" + new string('0', 32) + "'", "\0md5",
        ];
        var passwords = HostileTexts.All.Where(t => t.Length is > 0 and < 1000).Concat(forged).Distinct(StringComparer.Ordinal).ToArray();
        var users = Enumerable.Range(0, passwords.Length).Select(i => $"user{i}").ToArray();
        foreach (var encryption in new[] { "scram-sha-256", "md5" })
        {
            var convergence = new Convergence(instance, new()
            {
                TeamId = "acid",
                Users = users.ToDictionary(u => u, _ => (IReadOnlyList<string>?)[]),
                Postgresql = new() { Parameters = new Dictionary<string, string> { ["password_encryption"] = encryption } },
            })
            {
                Password = r => Array.IndexOf(users, r.Name) is >= 0 and var i ? passwords[i] : PostgresTemplate.Password,
            };
            Assert.Empty((await convergence.ConvergeAsync()).Changes.Select(c => c.ToString()));
            Assert.Equal("postgres", await instance.ScalarAsync("postgres", "SELECT string_agg(rolname, ',') FROM pg_roles WHERE rolsuper"));
            Assert.Equal("1", await instance.ScalarAsync("postgres", "SELECT count(*) FROM pg_roles WHERE rolname = 'standby'"));
            var stored = encryption == "md5" ? "^md5[0-9a-f]{32}$" : "^SCRAM-SHA-256[$]4096:[^$]+[$][^:]+:[^:]+$";
            Assert.All(await instance.RowsAsync("postgres", "SELECT rolpassword FROM pg_authid WHERE rolname ~ '^user'"), p => Assert.Matches(stored, p));
        }

        for (var i = 0; i < users.Length; i++)
        {
            if (!passwords[i].All(c => char.IsAscii(c) && !char.IsControl(c))) continue;
            var text = new NpgsqlConnectionStringBuilder { Host = "127.0.0.1", Port = instance.Port, Username = users[i], Password = passwords[i], Database = "postgres", Pooling = false, SslMode = SslMode.Disable, GssEncryptionMode = GssEncryptionMode.Disable };
            await using var connection = new NpgsqlConnection(text.ConnectionString);
            await connection.OpenAsync();
            Assert.Equal(System.Data.ConnectionState.Open, connection.State);
        }
    }

    private static IEnumerable<(string Place, Func<string, World?> Make)> Places()
    {
        foreach (var path in InputPaths.Of(typeof(PostgresqlSpec)))
            yield return ("spec" + path, text => Read(() => World.Start with { Spec = JsonSerializer.Deserialize(InputPaths.With(Spec, path, text), PostgresJsonContext.Default.PostgresqlSpec)! }));
        foreach (var path in InputPaths.Of(typeof(OperatorParameters)))
            yield return ("configuration" + path, text => Read(() => Usable(World.Start with { Parameters = JsonSerializer.Deserialize(InputPaths.With(Configuration, path, text), PostgresJsonContext.Default.OperatorParameters)! })));
        foreach (var path in InputPaths.Of(typeof(PostgresTeamSpec)))
            yield return ("team" + path, text => Read(() => World.Start with { Team = JsonSerializer.Deserialize(InputPaths.With(Team, path, text), PostgresJsonContext.Default.PostgresTeamSpec)! }));
        foreach (var (place, make) in Others) yield return (place, text => make(text, World.Start));

        static World Usable(World world)
        {
            OperatorSettings.From(new() { Form = ConfigurationForm.CustomResource, Configuration = world.Parameters });
            return world;
        }

        // A field with a form of its own is refused when the document is read, with its place, and so is a configuration with another meaning.
        static World? Read(Func<World> read)
        {
            try
            {
                return read();
            }
            catch (Exception e) when (e is JsonException or InvalidOperatorConfigurationException)
            {
                return null;
            }
        }
    }

    private static Plan Plan(World world, ObservedServer? observed)
    {
        var secret = new JsonObject
        {
            ["apiVersion"] = "v1", ["kind"] = "Secret",
            ["metadata"] = new JsonObject { ["name"] = "app.acid-test.credentials.postgresql.acid.zalan.do", ["namespace"] = "default", ["labels"] = new JsonObject { ["cluster-name"] = "acid-test" } },
            ["data"] = new JsonObject { ["username"] = Encode(world.SecretUser), ["password"] = Encode(world.SecretPassword), ["nextUsername"] = Encode(world.NextUser), ["nextPassword"] = Encode(world.NextPassword) },
        };
        // The errors of a cluster that exists are warnings: whatever is wrong gets as far as it can.
        var workload = new JsonObject
        {
            ["apiVersion"] = "apps/v1", ["kind"] = "StatefulSet", ["metadata"] = new JsonObject { ["name"] = "acid-test", ["namespace"] = "default", ["resourceVersion"] = "1" }, ["spec"] = new JsonObject(),
        };
        return ClusterPlanner.Plan(new()
        {
            Manifest = new() { Metadata = new() { Name = "acid-test", Namespace = "default", Uid = "u" }, Spec = world.Spec },
            Configuration = new() { Form = ConfigurationForm.CustomResource, Configuration = world.Parameters },
            Observed = ObservedCluster.FromObjects([secret, workload]) with { Databases = observed ?? Empty, PostgresTeams = [new() { Spec = world.Team }] },
            Roles = new()
            {
                InfrastructureRoles = [world.Infrastructure],
                TeamMembers = world.Members,
                UnansweredTeams = world.Unanswered,
                PostgresTeams = TeamGraph.From([new() { Spec = world.Team }]),
            },
            Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero),
            PasswordSeed = PasswordSeed.FromBytes(new byte[32]),
        });
    }

    private static ObservedServer Empty => new()
    {
        Version = 150000,
        WalLevel = "logical",
        Roles = new[] { "postgres", "standby", "admin", "zalandos", "robot_zmon", "cron_admin" }
            .ToDictionary(r => r, r => new ObservedRole { Name = r, Attributes = new() { Login = true, Superuser = r == "postgres", Replication = r == "standby" } }),
        Databases = new Dictionary<string, ObservedDatabase> { ["postgres"] = new() { Name = "postgres", Owner = "postgres", AllowsConnections = true, Contents = ObservedContents.OfNewDatabase } },
    };

    // Files whose lines mean something: a text may be in a line, never begin one, and the settings of ours are all there.
    private static void CheckFiles(string place, Plan plan)
    {
        foreach (var body in plan.Changes.OfType<CreateObject>().Select(c => c.Body).OfType<JsonObject>())
        {
            if (body["stringData"] is JsonObject files)
            {
                Assert.All(Lines(files, "userlist.txt"), l => Assert.Matches("^\"([^\"]|\"\")*\" \"([^\"]|\"\")*\"$", l));
                Assert.All(Lines(files, "parameters.ini"), l => Assert.Matches("^[a-z0-9_]+ = ", l));
                Assert.All(Lines(files, "users.ini").Skip(1), l => Assert.Matches("^[^ =\\[%;#]+ = (pool_mode|max_user_connections)=", l));
                Assert.All(Lines(files, "pg_hba.conf"), l => Assert.DoesNotMatch("[\r\0]", l));
                Assert.All(Lines(files, "pgbouncer.ini.tmpl"), l => Assert.Matches("^(\\[databases\\]|\\[pgbouncer\\]|%include /etc/pgbouncer/(parameters|users)\\.ini|[a-z_*]+ = .*)$", l));
            }

            if (body["kind"]?.GetValue<string>() != "Deployment" || body["spec"]?["template"]?["spec"]?["containers"]?[0]?["env"] is not JsonArray variables) continue;
            // The image fills its template with these.
            foreach (var variable in variables.Where(v => (string?)v!["name"] is "PGSCHEMA" or "PGUSER" or "CONNECTION_POOLER_MODE" && v["value"] is not null))
                Assert.True(place.StartsWith("configuration.", StringComparison.Ordinal) || System.Text.RegularExpressions.Regex.IsMatch((string)variable!["value"]!, "^[a-zA-Z0-9_.-]+\\z"), $"{place}: {variable}");
        }

        static string[] Lines(JsonObject files, string name) => ((string?)files[name] ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private static async Task CreateAsync(PostgresInstance instance, string database, string template, string text)
    {
        await using var connection = await instance.ConnectAsync(database);
        await using var format = new NpgsqlCommand("SELECT format($1, $2, $2)", connection) { Parameters = { new() { Value = template }, new() { Value = text } } };
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { new NpgsqlBatchCommand((string)(await format.ExecuteScalarAsync())!) } };
        await batch.ExecuteNonQueryAsync();
    }

    // What each change adds to or takes from the catalogue.
    private static void Expect(DatabaseChange change, HashSet<string> lines)
    {
        switch (change)
        {
            case CreateRole c: lines.Add($"role | {c.Role} | False"); break;
            case DropRole c: lines.Remove($"role | {c.Role} | False"); break;
            case RenameRole c:
                foreach (var line in lines.Where(l => l.Split(" | ") is var parts && (l == $"role | {c.Role} | False" || parts[0] == "member" && parts[2] == c.Role)).ToArray())
                {
                    lines.Remove(line);
                    lines.Add(line.Replace($" | {c.Role}", $" | {c.NewName}", StringComparison.Ordinal));
                }

                break;
            case GrantRole c: lines.Add($"member | {c.Role} | {c.Member}"); break;
            case RevokeRole c: lines.Remove($"member | {c.Role} | {c.Member}"); break;
            case CreateDatabase c: lines.Add($"database | {c.Name}"); break;
            case CreateExtension { Database: "template1" } or CreateSchema { Database: "template1" }: Assert.Fail(change.ToString()); break;
            case CreateExtension c: lines.Add($"extension | {c.Database} | {c.Extension}"); break;
            case CreateSchema c: lines.Add($"schema | {c.Database} | {c.Schema}"); break;
            case InstallPoolerLookup c:
                lines.Add($"schema | {c.Database} | {c.Schema}");
                lines.Add($"function | {c.Database} | {c.Schema} | user_lookup");
                break;
            case CreatePublication c: lines.Add($"publication | {c.Database} | {c.Publication}"); break;
            case DropPublication c: lines.Remove($"publication | {c.Database} | {c.Publication}"); break;
            // These change what is there: names of nothing come or go.
            case AlterRole or SetRolePassword or SetRoleSetting or CommentOnRole or CommentOnDatabase or GrantSchemaUsage or GrantDefaultPrivileges or AlterDatabaseOwner or AlterSchemaOwner or AlterPublication or MoveExtension: break;
            default: Assert.Fail($"What does {change.GetType().Name} change?"); break;
        }
    }

    private static async Task<List<string>> CatalogueAsync(PostgresInstance instance)
    {
        var lines = await instance.RowsAsync("postgres", "SELECT 'role', rolname, rolsuper FROM pg_roles");
        lines.AddRange(await instance.RowsAsync("postgres", "SELECT 'member', g.rolname, m.rolname FROM pg_auth_members a JOIN pg_roles g ON g.oid = roleid JOIN pg_roles m ON m.oid = member"));
        lines.AddRange(await instance.RowsAsync("postgres", "SELECT 'database', datname FROM pg_database"));
        foreach (var database in await instance.RowsAsync("postgres", "SELECT datname FROM pg_database WHERE datallowconn"))
        {
            lines.AddRange(await instance.RowsAsync(database, "SELECT 'schema', current_database(), nspname FROM pg_namespace WHERE nspname !~ '^pg_(toast|temp)'"));
            lines.AddRange(await instance.RowsAsync(database, "SELECT 'extension', current_database(), extname FROM pg_extension"));
            lines.AddRange(await instance.RowsAsync(database, "SELECT 'publication', current_database(), pubname FROM pg_publication"));
            lines.AddRange(await instance.RowsAsync(database, "SELECT 'relation', current_database(), nspname, relname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE c.oid >= 16384 AND nspname !~ '^pg_'"));
            lines.AddRange(await instance.RowsAsync(database, "SELECT 'function', current_database(), nspname, proname FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace WHERE p.oid >= 16384 AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')"));
            lines.AddRange(await instance.RowsAsync(database, "SELECT 'event trigger', current_database(), evtname FROM pg_event_trigger"));
        }

        // New databases bring what every database has.
        return lines.Where(l => !l.StartsWith("schema | ", StringComparison.Ordinal) || l.Split(" | ")[2] is not ("public" or "pg_catalog" or "information_schema")).Where(l => !l.StartsWith("extension | ", StringComparison.Ordinal) || !l.EndsWith("plpgsql", StringComparison.Ordinal)).ToList();
    }

    private static string Encode(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private sealed record World(PostgresqlSpec Spec, OperatorParameters Parameters, PostgresTeamSpec Team)
    {
        public static World Start { get; } = new(
            JsonSerializer.Deserialize(InjectionTests.Spec, PostgresJsonContext.Default.PostgresqlSpec)!,
            JsonSerializer.Deserialize(Configuration, PostgresJsonContext.Default.OperatorParameters)!,
            JsonSerializer.Deserialize(InjectionTests.Team, PostgresJsonContext.Default.PostgresTeamSpec)!);

        public InfrastructureRole Infrastructure { get; init; } = Role;

        public IReadOnlyDictionary<string, IReadOnlyList<string>>? Members { get; init; } = new Dictionary<string, IReadOnlyList<string>> { ["acid"] = ["bob"] };

        public IReadOnlyList<string> Unanswered { get; init; } = [];

        public string SecretUser { get; init; } = "app";

        public string SecretPassword { get; init; } = "password";

        public string NextUser { get; init; } = "";

        public string NextPassword { get; init; } = "";
    }
}
