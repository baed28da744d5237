using System.Text;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Planning.Databases;
using Zalando.Postgres.Sdk.Planning.Roles;
using Zalando.Postgres.Sdk.Reconciliation.Databases;
using Zalando.Postgres.Sdk.Reconciliation.Plugins;
using Zalando.Postgres.Sdk.Reconciliation.Teams;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Scenarios.World;
using Zalando.Postgres.Sdk.Teams;

namespace Zalando.Postgres.Sdk.Scenarios;

/// <summary>Passwords over months, members of teams who come and go, and sources that do not answer.</summary>
public sealed class CredentialScenarioTests
{
    private const string Suffix = "." + EquippedWorld.Cluster + ".credentials.postgresql.acid.zalan.do";

    [Fact]
    public async Task Passwords_rotate_over_months_and_whoever_reads_a_Secret_can_log_in_every_day()
    {
        var manifest = OperatorWorld.Manifest();
        manifest["spec"]!["users"]!["db_user"] = new JsonArray();
        manifest["spec"]!["usersIgnoringSecretRotation"] = new JsonArray("db_user");
        manifest["spec"]!["usersWithInPlaceSecretRotation"] = new JsonArray("zalando");
        // The retention is shorter than two intervals, which it must not be.
        await using var equipped = await EquippedWorld.StartAsync(
            Rotating(true), manifest, watchDuration: TimeSpan.FromDays(20),
            before: static world => world.EngineOptions = new() { Workers = 2, OperatorNamespace = "default", ResyncPeriod = TimeSpan.FromHours(12) });
        var (world, _, postgres) = equipped;
        equipped.Postgres.Set(postgres.Roles["foo_user"] with { Settings = new Dictionary<string, string> { ["search_path"] = "data" } });
        var users = new HashSet<string>(StringComparer.Ordinal);
        for (var day = 1; day <= 130; day++)
        {
            world.Time.Advance(TimeSpan.FromDays(1));
            await world.SettleAsync();
            foreach (var secret in world.Server.Access.List(KubernetesKinds.Secret, "default"))
                if (Text(secret, "username") is { } user && postgres.Roles.ContainsKey(user)) Assert.True(CanLogIn(postgres, user, Text(secret, "password")!), $"day {day}: {user}");
            users.Add(UserOf("foo-user")!);
            Assert.True(Dated().Count() <= 4, $"day {day}: {string.Join(", ", Dated())}");
        }

        Assert.Equal(5, users.Count);
        Assert.All(Dated(), r => Assert.True(postgres.Roles[r].Attributes.Login));
        Assert.Equal(5, world.Passwords["zalando" + Suffix].Count);
        Assert.Equal("zalando", UserOf("zalando"));
        Assert.Single(world.Passwords["db-user" + Suffix]);
        Assert.All(world.PodLives.Values, l => Assert.Single(l));
        // The first dated role is 100 days old; those of the last 60 days and the one in use stay.
        Assert.DoesNotContain(users.Order(StringComparer.Ordinal).ElementAt(1), postgres.Roles.Keys);
        world.Configure(Rotating(false));
        await world.SettleAsync();
        Assert.Equal("foo_user", UserOf("foo-user"));
        Assert.Equal("", Text(Secret("foo-user"), "nextRotation"));
        Assert.Contains(users.Max(StringComparer.Ordinal)!, postgres.Roles.Keys);

        IEnumerable<string> Dated() => postgres.Roles.Keys.Where(r => r.StartsWith("foo_user", StringComparison.Ordinal) && r != "foo_user");
        JsonObject Secret(string user) => world.Server.Access.Get(KubernetesKinds.Secret, "default", user + Suffix)!;
        string? UserOf(string user) => Text(Secret(user), "username");
    }

    [Fact]
    public async Task A_dated_role_takes_over_settings_made_by_hand_for_its_original_and_keeps_its_own()
    {
        await using var equipped = await EquippedWorld.StartAsync(
            Rotating(true), watchDuration: TimeSpan.FromDays(20), before: static world => world.EngineOptions = new() { Workers = 2, OperatorNamespace = "default", ResyncPeriod = TimeSpan.FromHours(12) });
        var (world, _, postgres) = equipped;
        postgres.Set(postgres.Roles["foo_user"] with { Settings = new Dictionary<string, string> { ["search_path"] = "data, public", ["statement_timeout"] = "5s" } });
        var first = await NextUserAsync("foo_user");
        Assert.Equal(["search_path=data, public", "statement_timeout=5s"], SettingsOf(first));
        postgres.Set(postgres.Roles[first] with { Settings = new Dictionary<string, string> { ["Search_Path"] = "other", ["statement_timeout"] = "5s" } });
        postgres.Set(postgres.Roles["foo_user"] with { Settings = new Dictionary<string, string> { ["search_path"] = "data", ["work_mem"] = "64MB" } });
        var second = await NextUserAsync(first);
        // The one in use gets what is new; the next one what its original has then, not what its predecessor had.
        Assert.Equal(["Search_Path=other", "statement_timeout=5s"], SettingsOf(first).Where(t => !t.StartsWith("work_mem", StringComparison.Ordinal)));
        Assert.Equal(["search_path=data", "work_mem=64MB"], SettingsOf(second));

        IEnumerable<string> SettingsOf(string role) => postgres.Roles[role].Settings.Select(s => $"{s.Key}={s.Value}").Order(StringComparer.Ordinal);

        async Task<string> NextUserAsync(string before)
        {
            for (var day = 1; day <= 40; day++)
            {
                world.Time.Advance(TimeSpan.FromDays(1));
                await world.SettleAsync();
                if (Text(world.Server.Access.Get(KubernetesKinds.Secret, "default", "foo-user" + Suffix)!, "username") is { } user && user != before && postgres.Roles.ContainsKey(user)) return user;
            }

            throw new InvalidOperationException($"{before} was not rotated.");
        }
    }

    [Fact]
    public async Task A_Secret_that_a_changed_configuration_names_is_read_and_watched_without_a_restart()
    {
        await using var equipped = await EquippedWorld.StartAsync(before: static world => world.Server.Access.Create(KubernetesKinds.Secret, new JsonObject
        {
            ["apiVersion"] = "v1", ["kind"] = "Secret", ["metadata"] = new JsonObject { ["name"] = "reporters", ["namespace"] = "default" },
            ["stringData"] = new JsonObject { ["user"] = "reporter", ["memberof"] = "zalando", ["password"] = "first" },
        }));
        var (world, _, postgres) = equipped;
        Assert.DoesNotContain("reporter", postgres.Roles.Keys);
        world.Configure(new OperatorParameters
        {
            Kubernetes = new() { InfrastructureRolesSecrets = [new() { SecretName = "default/reporters", UserKey = "user", RoleKey = "memberof", PasswordKey = "password" }] },
        });
        await world.RunUntilAsync(() => postgres.Roles.ContainsKey("reporter"), "the role of the Secret is made");
        Assert.True(CanLogIn(postgres, "reporter", "first"));
        Assert.Contains(postgres.Grants, g => g is { Role: "zalando", Member: "reporter" });
        var secret = world.Server.Access.Get(KubernetesKinds.Secret, "default", "reporters")!;
        secret["data"]!["password"] = Convert.ToBase64String("second"u8);
        var heard = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        world.Operator!.Engine.Store.Changed += change =>
        {
            if (change.Kind.Equals(KubernetesKinds.Secret) && (string?)change.Object["metadata"]!["name"] == "reporters") heard.TrySetResult();
        };
        var before = world.Time.GetUtcNow();
        world.Server.Access.Update(KubernetesKinds.Secret, secret);
        await heard.Task.WaitAsync(TestContext.Current.CancellationToken);
        await world.RunUntilAsync(() => CanLogIn(postgres, "reporter", "second"), "the changed password is set");
        Assert.InRange(world.Time.GetUtcNow() - before, TimeSpan.Zero, TimeSpan.FromMinutes(1));
        Assert.False(CanLogIn(postgres, "reporter", "first"));
    }

    [Fact]
    public async Task Members_of_a_team_come_leave_and_come_back_and_a_name_that_is_taken_costs_only_the_login()
    {
        await using var equipped = await EquippedWorld.StartAsync(
            new OperatorParameters { TeamsApi = new() { EnableTeamsApi = false, EnablePostgresTeamCrd = true, EnableTeamMemberDeprecation = true, RoleDeletionSuffix = "_delete_me" } },
            before: static world => world.Server.Access.Create(PostgresTeam.Descriptor, Team("kind")));
        var (world, _, postgres) = equipped;
        Assert.Superset(new HashSet<string> { "elephant", "kind" }, postgres.Roles.Keys.ToHashSet());
        await MembersAsync("tester");
        Assert.Equal((true, false), (CanLogIn("tester"), CanLogIn("kind_delete_me")));
        Assert.DoesNotContain("kind", postgres.Roles.Keys);
        postgres.Set(new ObservedRole { Name = "tester_delete_me", Attributes = RoleAttributes.LoginOnly with { Login = false } });
        await MembersAsync("kind");
        Assert.Equal((true, false, false), (CanLogIn("kind"), CanLogIn("tester"), CanLogIn("tester_delete_me")));
        await MembersAsync("kind", "tester");
        Assert.Equal((true, true, false), (CanLogIn("kind"), CanLogIn("tester"), CanLogIn("tester_delete_me")));
        Assert.True(CanLogIn("elephant"));

        bool CanLogIn(string role) => postgres.Roles[role].Attributes.Login;

        async Task MembersAsync(params string[] members)
        {
            var team = world.Server.Access.Get(PostgresTeam.Descriptor, "default", "team")!;
            team["spec"] = Team(members)["spec"]!.DeepClone();
            world.Server.Access.Update(PostgresTeam.Descriptor, team);
            // Objects of teams are no event of a cluster: they are seen all the same.
            await SettledAsync(world);
        }
    }

    [Fact]
    public async Task A_source_of_passwords_that_hangs_is_named_in_the_condition_and_the_cluster_goes_on_when_it_answers()
    {
        var source = new HangingPasswords();
        await using var world = await OperatorWorld.StartAsync();
        var postgres = new SimulatedPostgres(() => world.Operator?.Client);
        world.ThingsMayHang = true;
        world.Plugins = services => services with { Databases = new DatabaseReconciler(postgres, source, time: world.Time) };
        world.StartOperator();
        world.Apply(OperatorWorld.Manifest());
        await world.RunUntilAsync(() => world.Cluster()?.Status?.Conditions?.Any(c => c.Type == "Degraded" && c.Message!.Contains(nameof(HangingPasswords), StringComparison.Ordinal)) == true, "the source is named");
        Assert.Contains("gave no password of \"postgres\" within 20 s", world.Condition("Degraded").Message, StringComparison.Ordinal);
        source.Answers.TrySetResult();
        await world.RunUntilAsync(() => world.IsRunning(), "the cluster runs");
    }

    [Fact]
    public async Task A_directory_of_teams_that_hangs_is_named_in_the_condition_and_holds_nothing_else_up()
    {
        await using var world = await OperatorWorld.StartAsync(new OperatorParameters { TeamsApi = new() { EnableTeamsApi = true } });
        var postgres = new SimulatedPostgres(() => world.Operator?.Client);
        using var directories = new TeamDirectories(world.Time, new HangingTeams());
        world.ThingsMayHang = true;
        world.Plugins = services => services with { Databases = new DatabaseReconciler(postgres, teams: directories, time: world.Time) };
        world.StartOperator();
        world.Apply(OperatorWorld.Manifest());
        await world.RunUntilAsync(() => world.IsRunning(), "the cluster runs all the same");
        Assert.Contains("foo_user", postgres.Roles.Keys);
        Assert.Equal(("True", "SourceUnanswered"), (world.Condition("Degraded").Status, world.Condition("Degraded").Reason));
        Assert.Contains(nameof(HangingTeams), world.Condition("Degraded").Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_directory_of_teams_that_is_down_for_long_is_asked_ever_more_rarely_and_soon_after_a_change()
    {
        await using var world = await OperatorWorld.StartAsync(new OperatorParameters { TeamsApi = new() { EnableTeamsApi = true } });
        var postgres = new SimulatedPostgres(() => world.Operator?.Client);
        var teams = new FailingTeams { Failure = "status code 503" };
        using var directories = new TeamDirectories(world.Time, teams);
        world.Plugins = services => services with { Databases = new DatabaseReconciler(postgres, teams: directories, time: world.Time) };
        world.StartOperator();
        world.Apply(OperatorWorld.Manifest());
        await world.RunUntilAsync(() => world.IsRunning(), "the cluster runs");
        var before = teams.Asked;
        await PassAsync(TimeSpan.FromHours(3));
        Assert.InRange(teams.Asked - before, 6, 15);

        before = teams.Asked;
        world.Edit(static m => m["spec"]!["users"]!["fresh"] = new JsonArray());
        await world.RunUntilAsync(() => postgres.Roles.ContainsKey("fresh"), "the new role is made", TimeSpan.FromMinutes(1));
        await PassAsync(TimeSpan.FromMinutes(4));
        Assert.InRange(teams.Asked - before, 2, 5);
        teams.Failure = null;
        await world.RunUntilAsync(() => world.Condition("Degraded").Status == "False", "the directory is heard", TimeSpan.FromMinutes(35));
        await world.RunUntilAsync(() => postgres.Roles.ContainsKey("elephant"), "the member has a role", TimeSpan.FromMinutes(1));

        Task PassAsync(TimeSpan time)
        {
            var end = world.Time.GetUtcNow() + time;
            return world.RunUntilAsync(() => world.Time.GetUtcNow() >= end, "time passes", time + TimeSpan.FromHours(1));
        }
    }

    private static async Task SettledAsync(OperatorWorld world)
    {
        var passes = world.Operator!.Engine.Passes;
        await world.RunUntilAsync(() => world.Operator.Engine.Passes > passes, "the operator has heard of the team", TimeSpan.FromHours(1));
        await world.SettleAsync();
    }

    private static OperatorParameters Rotating(bool isOn) => new() { Users = new() { EnablePasswordRotation = isOn, PasswordRotationInterval = 30, PasswordRotationUserRetention = 30 } };

    private static JsonObject Team(params string[] members) => new()
    {
        ["apiVersion"] = "acid.zalan.do/v1", ["kind"] = "PostgresTeam", ["metadata"] = new JsonObject { ["name"] = "team", ["namespace"] = "default" },
        ["spec"] = new JsonObject
        {
            ["additionalTeams"] = new JsonObject { ["acid"] = new JsonArray("e2e") },
            ["additionalMembers"] = new JsonObject { ["acid"] = new JsonArray("elephant"), ["e2e"] = new JsonArray([.. members.Select(m => (JsonNode)m)]) },
        },
    };

    private static bool CanLogIn(SimulatedPostgres postgres, string user, string password) => ScramVerifier.TryParse(postgres.Roles[user].StoredPassword?.Reveal())?.Matches(password) != false;

    private static string? Text(JsonObject secret, string key) => (string?)secret["data"]?[key] is { } text ? Encoding.UTF8.GetString(Convert.FromBase64String(text)) : null;

    private sealed class HangingPasswords : ICredentialSource
    {
        public TaskCompletionSource Answers { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public async ValueTask<SensitiveText?> FindPasswordAsync(ClusterKey cluster, string userName, CancellationToken cancellationToken)
        {
            await Answers.Task;
            return null;
        }
    }

    private sealed class FailingTeams : ITeamDirectory
    {
        public string? Failure { get; set; }

        public int Asked { get; private set; }

        public Task<TeamMembers?> FindAsync(string team, CancellationToken cancellationToken = default)
        {
            Asked++;
            return Failure is { } failure ? throw new TeamDirectoryException(failure) : Task.FromResult<TeamMembers?>(new TeamMembers(team, ["elephant"]));
        }
    }

    private sealed class HangingTeams : ITeamDirectory
    {
        public async Task<TeamMembers?> FindAsync(string team, CancellationToken cancellationToken = default)
        {
            await new TaskCompletionSource().Task;
            return null;
        }
    }
}
