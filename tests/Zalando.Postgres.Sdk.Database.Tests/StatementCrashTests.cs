using Zalando.Postgres.Sdk.Database.Tests.Servers;
using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Planning.Databases;
using Zalando.Postgres.Sdk.Planning.Roles;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;

namespace Zalando.Postgres.Sdk.Database.Tests;

/// <summary>The connection is cut before and after every single statement that is sent, in every kind of change, and a new process goes on each time.</summary>
public sealed class StatementCrashTests(PostgresTemplate postgres)
{
    private static readonly PostgresqlSpec Created = new()
    {
        TeamId = "acid",
        Users = new Dictionary<string, IReadOnlyList<string>?> { ["zalando"] = ["createdb"], ["foo_user"] = [], ["leaver"] = [] },
        UserOptions = new Dictionary<string, UserOptions> { ["foo_user"] = new() { MemberOf = ["robot_zmon"] } },
        Databases = new Dictionary<string, string> { ["foo"] = "zalando", ["passing"] = "zalando" },
        PreparedDatabases = new Dictionary<string, PreparedDatabase?>
        {
            ["bar"] = new() { Extensions = new Dictionary<string, string> { ["hstore"] = "data" }, Schemas = new Dictionary<string, PreparedSchema?> { ["data"] = new() { DefaultRoles = false } } },
        },
        DatabaseReclaimPolicy = "Delete",
        EnableConnectionPooler = true,
    };

    private static readonly PostgresqlSpec Md5 = Created with { Postgresql = new() { Parameters = new Dictionary<string, string> { ["password_encryption"] = "md5" } } };

    private static readonly OperatorSettings Settings = OperatorSettings.Defaults with
    {
        TeamsApi = OperatorSettings.Defaults.TeamsApi with { EnableTeamsApi = true, EnableTeamMemberDeprecation = true },
        Users = OperatorSettings.Defaults.Users with { AdditionalOwnerRoles = ["cron_admin"], PasswordRotationInterval = 10, PasswordRotationUserRetention = 20 },
    };

    // Thousands of connections and statements: what they are is the test's own knowledge.
    private const string Quiet = "wal_level = logical\nlog_statement = none\nlog_min_duration_statement = -1\nshared_preload_libraries = ''";

    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly EventStream Stream = new()
    {
        ApplicationId = "app", Database = "bar", Tables = new Dictionary<string, EventStreamTable?> { ["data.orders"] = new() { EventType = "e" } },
    };

    private sealed record Flow(string Name, PostgresqlSpec Spec)
    {
        public string[] Members { get; init; } = ["alice", "bob"];

        public string Password { get; init; } = PostgresTemplate.Password;

        public string RotatedOn { get; init; } = "";

        public DateTimeOffset Now { get; init; } = StatementCrashTests.Now;

        public (string Database, string Sql)? ByHand { get; init; }
    }

    private static readonly Flow[] Flows =
    [
        new("create", Created),
        new("streams", Created with { Streams = [Stream] }) { ByHand = ("bar", "CREATE TABLE data.orders (id int); CREATE TABLE data.more (id int)") },
        new("more tables", Created with { Streams = [Stream with { Tables = new Dictionary<string, EventStreamTable?> { ["data.orders"] = new() { EventType = "e" }, ["data.more"] = new() { EventType = "e" } } }] }),
        new("streams end", Created),
        new("members leave", Created) { Members = ["bob"] },
        new("members return", Created),
        new("owner changes", Created with { Databases = new Dictionary<string, string> { ["foo"] = "foo_user", ["passing"] = "zalando" } }),
        new("attributes change", Created with { Users = new Dictionary<string, IReadOnlyList<string>?> { ["zalando"] = ["createrole"], ["foo_user"] = ["nologin"], ["leaver"] = [] } }),
        new("extension moves", Created) { ByHand = ("bar", "ALTER EXTENSION hstore SET SCHEMA public; ALTER SCHEMA data OWNER TO zalando; REVOKE USAGE ON SCHEMA data FROM bar_reader; REVOKE cron_admin FROM zalando; GRANT zalando TO cron_admin") },
        new("rotation in place", Created) { Password = "the second password" },
        new("rotation to dated roles", Created) { Password = "the third password", RotatedOn = "260101" },
        new("retention", Created) { Password = "the fourth password", RotatedOn = "260301", Now = Now.AddDays(60) },
        new("other password form", Md5) { RotatedOn = "260301", Now = Now.AddDays(60) },
        new("lookup made by others", Md5) { RotatedOn = "260301", Now = Now.AddDays(60), ByHand = ("foo", "ALTER SCHEMA pooler OWNER TO zalando; ALTER FUNCTION pooler.user_lookup(text) OWNER TO zalando; GRANT CREATE ON SCHEMA pooler TO PUBLIC") },
        new("removal", Md5 with
        {
            Databases = new Dictionary<string, string> { ["foo"] = "zalando" },
            UserOptions = new Dictionary<string, UserOptions> { ["leaver"] = new() { State = "absent" } },
        }) { RotatedOn = "260301", Now = Now.AddDays(60) },
    ];

    [Fact]
    public async Task Cut_before_and_after_every_statement_the_operator_reaches_the_same_end_state()
    {
        await using var whole = await postgres.StartAsync(Quiet);
        await using var pieces = await postgres.StartAsync(Quiet);
        await using var proxy = new CuttingProxy(pieces.Port);
        var cuts = new Dictionary<string, int>();
        var kinds = new HashSet<string>();
        foreach (var flow in Flows)
        {
            if (flow.ByHand is { } byHand)
            {
                await whole.ExecuteAsync(byHand.Database, byHand.Sql);
                await pieces.ExecuteAsync(byHand.Database, byHand.Sql);
            }

            var left = (await Make(whole, flow).ConvergeAsync()).Changes;
            Assert.True(left.Count == 0, $"{flow.Name}: {string.Join('\n', left)}");
            cuts[flow.Name] = await CutEverywhereAsync(flow.Name, Make(pieces, flow), pieces, proxy, kinds);
            Assert.Equal(await ServerCatalogue.ReadAsync(whole), await ServerCatalogue.ReadAsync(pieces));
        }

        Assert.All(cuts, c => Assert.True(c.Value >= 6, $"{c.Key}: {c.Value} cuts"));
        // Every kind of change that there is was cut.
        Assert.Equal(KindsOfChanges, kinds.Order(StringComparer.Ordinal));
        TestContext.Current.TestOutputHelper?.WriteLine($"{cuts.Values.Sum()} cuts: {string.Join(", ", cuts.Select(c => $"{c.Key} {c.Value}"))}");
    }

    [Fact]
    public async Task Cut_while_looking_the_operator_has_changed_nothing_and_says_that_the_server_was_lost()
    {
        await using var instance = await postgres.StartAsync();
        await using var proxy = new CuttingProxy(instance.Port);
        Assert.Empty((await Make(instance, Flows[0]).ConvergeAsync()).Changes);
        var before = await ServerCatalogue.ReadAsync(instance);
        var cuts = 0;
        foreach (var after in new[] { false, true })
        {
            for (var statement = 1; ; statement++)
            {
                proxy.CutAt(statement, after);
                await using var server = new PostgresServer(instance.Settings with { Port = proxy.Port });
                ObservedServer? observed = null;
                var error = await Record.ExceptionAsync(async () => observed = await server.ObserveAsync(d => d.AllowsConnections));
                if (proxy.Cut is null) break;
                cuts++;
                // The server's catalogue is all or nothing; of the databases only the one that was lost is missing.
                if (error is not null) Assert.Equal(DatabaseFailure.Unreachable, Assert.IsType<DatabaseException>(error).Failure);
                else Assert.Single(observed!.Databases.Values, d => d.Failure is not null);
            }
        }

        Assert.True(cuts > 30, $"{cuts} cuts");
        Assert.Equal(before, await ServerCatalogue.ReadAsync(instance));
        TestContext.Current.TestOutputHelper?.WriteLine($"{cuts} cuts");
    }

    private static async Task<int> CutEverywhereAsync(string flow, Convergence convergence, PostgresInstance instance, CuttingProxy proxy, HashSet<string> kinds)
    {
        var cuts = 0;
        // Dozens of default privileges differ only in their names: two of one text are cut, the others are made whole.
        var texts = new Dictionary<string, int>(StringComparer.Ordinal);
        var plan = await convergence.PlanAsync();
        for (var round = 0; plan.Changes.Count > 0; round++)
        {
            Assert.True(round < 400, $"{flow}: no end: {plan.Changes[0]}");
            var change = plan.Changes[0].Change;
            kinds.Add(change.GetType().Name);
            var text = string.Join(';', change.ToSql().Select(s => s.Template));
            var isCut = (texts[text] = texts.GetValueOrDefault(text) + 1) <= 2;
            var isMade = false;
            for (var cut = 2; !isMade; cut++)
            {
                proxy.CutAt(isCut ? cut / 2 : 0, after: cut % 2 == 1);
                await using var server = new PostgresServer(instance.Settings with { Port = proxy.Port });
                var error = await Record.ExceptionAsync(() => server.ApplyAsync(change));
                if (proxy.Cut is not { } statement)
                {
                    Assert.True(error is null, $"{flow}: {change}: {error}");
                    break;
                }

                cuts++;
                Assert.IsType<DatabaseException>(error);
                // Only these end a change: whatever else was cut left nothing behind, as the next look shows.
                isMade = cut % 2 == 1 && (statement == "COMMIT" || change.ToSql().Any(s => s.RunsOutsideTransaction) && statement.Contains(" DATABASE ", StringComparison.Ordinal));
            }

            var next = await convergence.PlanAsync();
            // It has happened as a whole and nothing else has.
            Assert.DoesNotContain(change.ToString(), next.Changes.Select(c => c.Change.ToString()));
            if (change is not (CreateDatabase or RenameRole)) Assert.Subset(plan.Changes.Select(c => c.Change.ToString()).ToHashSet(), next.Changes.Select(c => c.Change.ToString()).ToHashSet());
            plan = next;
        }

        return cuts;
    }

    private static Convergence Make(PostgresInstance instance, Flow flow) => new(instance, flow.Spec)
    {
        Settings = Settings,
        Now = flow.Now,
        Password = r => r.Name is "foo_user" or "zalando" ? flow.Password : PostgresTemplate.Password,
        UserName = r => flow.RotatedOn.Length > 0 && r.Name == "foo_user" ? r.Name + flow.RotatedOn : r.Name,
        Inputs = new()
        {
            TeamMembers = new Dictionary<string, IReadOnlyList<string>> { ["acid"] = flow.Members },
            InfrastructureRoles = [new() { Name = "infra", Password = new("of the infrastructure"), Settings = new Dictionary<string, string> { ["work_mem"] = "4MB" }, MemberOf = ["humans"] }],
        },
    };

    // Kept by hand: a new kind of change has to find its way into a flow.
    private static readonly string[] KindsOfChanges =
    [
        nameof(AlterDatabaseOwner), nameof(AlterPublication), nameof(AlterRole), nameof(AlterSchemaOwner), nameof(CommentOnDatabase), nameof(CommentOnRole), nameof(CreateDatabase),
        nameof(CreateExtension), nameof(CreatePublication), nameof(CreateRole), nameof(CreateSchema), nameof(DropDatabase), nameof(DropPublication), nameof(DropRole),
        nameof(GrantDefaultPrivileges), nameof(GrantRole), nameof(GrantSchemaUsage), nameof(InstallPoolerLookup), nameof(MoveExtension), nameof(RenameRole), nameof(RevokeRole),
        nameof(SetRolePassword), nameof(SetRoleSetting),
    ];

    [Fact]
    public void Every_kind_of_change_is_in_a_flow() => Assert.Equal(
        typeof(DatabaseChange).Assembly.GetTypes().Where(t => t is { IsAbstract: false } && t.IsSubclassOf(typeof(DatabaseChange))).Select(t => t.Name).Order(StringComparer.Ordinal),
        KindsOfChanges.Order(StringComparer.Ordinal));
}
