using Zalando.Postgres.Sdk.Database.Tests.Servers;
using Zalando.Postgres.Sdk.Planning.Databases;
using Zalando.Postgres.Sdk.Planning.Roles;
using Zalando.Postgres.Sdk.Resources.Configuration;
using Zalando.Postgres.Sdk.Scenarios.World;

namespace Zalando.Postgres.Sdk.Database.Tests.Engine;

[Collection("whole operator")]
public sealed class RotationTests(PostgresTemplate postgres)
{
    private static readonly OperatorParameters Rotation = new()
    {
        Users = new() { EnablePasswordRotation = true, PasswordRotationInterval = 3, PasswordRotationUserRetention = 6 },
    };

    // A directory that does not answer is asked again, more and more rarely.
    private static readonly TeamsApiParameters NoTeams = new() { EnableTeamsApi = false };

    [Fact]
    public async Task Day_by_day_the_secret_always_names_a_role_that_can_log_in_and_old_ones_go_after_their_retention()
    {
        await using var world = await DatabaseWorld.StartAsync(postgres, Rotation);
        // Hand-made roles that merely look like ours, one of them even a member.
        await world.Server.ExecuteAsync("postgres", "CREATE ROLE foo_user200101 LOGIN; CREATE ROLE foo_user_reporting200101 LOGIN");
        world.World.StartOperator();
        world.World.Apply(OperatorWorld.Manifest());
        await world.World.RunUntilAsync(() => world.World.IsRunning(), "the cluster runs");
        await world.Server.ExecuteAsync("postgres", "GRANT foo_user TO foo_user200101");
        Assert.Equal("foo_user", await world.LogInAsync("foo_user"));
        var start = world.World.Time.GetUtcNow();
        var users = new List<string>();
        for (var day = 1; day <= 17; day++)
        {
            var end = start.AddDays(day);
            await world.World.RunUntilAsync(() => world.World.Time.GetUtcNow() >= end, "the day passes", TimeSpan.FromDays(2));
            var user = world.Secret("foo_user")["username"];
            if (users.Count == 0 || users[^1] != user)
            {
                users.Add(user);
                Assert.Equal(user, await world.LogInAsync("foo_user"));
                Assert.True(user == "foo_user" || RotatedName.IsOf("foo_user", user), user);
            }
        }

        // The role itself, then one per interval of three days.
        Assert.Equal("foo_user", users[0]);
        Assert.Equal(6, users.Count);
        Assert.DoesNotContain("nextPassword", world.Secret("foo_user").Keys);
        // The database owner and the system users are not rotated by the switch.
        Assert.Equal("zalando", world.Secret("zalando")["username"]);
        Assert.Equal(PostgresTemplate.Password, world.Secret("postgres")["password"]);
        var roles = await world.Server.RowsAsync("postgres", "SELECT rolname FROM pg_roles WHERE rolname ~ '^foo_user' ORDER BY 1");
        Assert.Contains("foo_user200101", roles);
        Assert.Contains("foo_user_reporting200101", roles);
        // 6 days are kept: the first two dated roles are older.
        Assert.DoesNotContain(users[1], roles);
        Assert.DoesNotContain(users[2], roles);
        Assert.Contains(users[^2], roles);
        Assert.Contains(users[^1], roles);
    }

    [Fact]
    public async Task What_has_a_date_is_done_at_its_minute_and_nobody_looks_before()
    {
        await using var world = await DatabaseWorld.StartAsync(postgres, Rotation with { TeamsApi = NoTeams });
        world.World.StartOperator();
        world.World.Apply(OperatorWorld.Manifest());
        await world.World.RunUntilAsync(() => world.World.IsRunning(), "the cluster runs");
        var start = world.World.Time.GetUtcNow();
        // A dated role of ours, whose retention of six days is over at midnight, and a rotation some hours later; everything is looked at once a day.
        var midnight = new DateTimeOffset(start.UtcDateTime.Date.AddDays(1), TimeSpan.Zero);
        var dated = RotatedName.For("foo_user", midnight.AddDays(-6));
        await world.Server.ExecuteAsync("postgres", $"CREATE ROLE {dated} LOGIN; COMMENT ON ROLE {dated} IS 'postgres-operator: rotated role of foo_user'");
        var due = midnight.AddHours(5);
        world.EditSecret("foo_user", "nextRotation", due.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture));
        await world.World.SettleAsync();
        var looks = world.Looks;

        await world.World.RunUntilAsync(() => world.Statements.Exists(s => s.Contains("DROP ROLE", StringComparison.Ordinal)), "the dated role goes", TimeSpan.FromDays(2));
        Assert.InRange(world.World.Time.GetUtcNow(), midnight, midnight.AddMinutes(1));
        Assert.Empty(await world.Server.RowsAsync("postgres", $"SELECT 1 FROM pg_roles WHERE rolname = '{dated}'"));
        // One look that finds it, one that finds nothing more.
        Assert.InRange(world.Looks - looks, 1, 3);
        await world.World.SettleAsync();
        looks = world.Looks;
        await world.World.RunUntilAsync(() => world.Secret("foo_user")["username"] != "foo_user", "the rotation takes place", TimeSpan.FromDays(2));
        Assert.InRange(world.World.Time.GetUtcNow(), due, due.AddMinutes(1));
        Assert.Equal(RotatedName.For("foo_user", due), await world.LogInAsync("foo_user"));
        Assert.InRange(world.Looks - looks, 1, 8);
    }

    [Fact]
    public async Task Where_nothing_is_rotated_nobody_looks_between_two_resyncs()
    {
        await using var world = await DatabaseWorld.StartAsync(postgres, new() { TeamsApi = NoTeams });
        world.World.StartOperator();
        world.World.Apply(OperatorWorld.Manifest());
        await world.World.RunUntilAsync(() => world.World.IsRunning(), "the cluster runs");
        await world.World.SettleAsync();
        var (looks, passes) = (world.Looks, world.World.Operator!.Engine.Passes);
        var end = world.World.Time.GetUtcNow().AddHours(20);
        await world.World.RunUntilAsync(() => world.World.Time.GetUtcNow() >= end, "time passes", TimeSpan.FromDays(2));
        Assert.Equal(looks, world.Looks);
        Assert.InRange(world.World.Operator!.Engine.Passes - passes, 0, 5);
    }

    [Fact]
    public async Task Switched_off_the_role_gets_its_own_name_back()
    {
        await using var world = await DatabaseWorld.StartAsync(postgres);
        world.World.StartOperator();
        var manifest = OperatorWorld.Manifest();
        manifest["spec"]!["usersWithSecretRotation"] = new System.Text.Json.Nodes.JsonArray("foo_user");
        world.World.Apply(manifest);
        await world.World.RunUntilAsync(() => world.World.IsRunning(), "the cluster runs");
        world.EditSecret("foo_user", "nextRotation", "2001-01-01T00:00:00Z");
        await world.World.RunUntilAsync(() => world.Secret("foo_user")["username"] != "foo_user", "the rotation takes place", TimeSpan.FromDays(3));
        Assert.Matches("^foo_user[0-9]{6}$", await world.LogInAsync("foo_user"));
        world.World.Apply(OperatorWorld.Manifest());
        await world.World.RunUntilAsync(() => world.Secret("foo_user")["username"] == "foo_user", "it is switched off", TimeSpan.FromDays(3));
        Assert.Equal("foo_user", await world.LogInAsync("foo_user"));
        Assert.Equal("", world.Secret("foo_user")["nextRotation"]);
    }

    public static TheoryData<string, int> SystemUsers => new() { { "postgres", 0 }, { "standby", 0 }, { "postgres", 1 }, { "postgres", 2 }, { "postgres", 3 } };

    [Theory]
    [MemberData(nameof(SystemUsers))]
    public async Task System_users_are_rotated_in_place_and_wherever_the_operator_dies_it_is_not_locked_out(string user, int killedAt)
    {
        await using var world = await DatabaseWorld.StartAsync(postgres);
        world.World.StartOperator();
        var manifest = OperatorWorld.Manifest();
        manifest["spec"]!["usersWithInPlaceSecretRotation"] = new System.Text.Json.Nodes.JsonArray(user);
        world.World.Apply(manifest);
        await world.World.RunUntilAsync(() => world.World.IsRunning(), "the cluster runs");
        var before = world.Secret(user)["password"];
        var pods = world.World.PodLives.Values.Sum(l => l.Count);
        var later = world.World.Time.GetUtcNow().AddHours(1);
        await world.World.RunUntilAsync(() => world.World.Time.GetUtcNow() >= later, "time passes", TimeSpan.FromDays(2));
        await world.World.StopOperatorAsync();
        world.EditSecret(user, "nextRotation", "2001-01-01T00:00:00Z");
        if (killedAt > 0)
        {
            // The rotation takes two patches of the Secret: begin, publish. The third case dies right after the database has the new password.
            if (killedAt == 3) world.AfterChange = change => change is SetRolePassword ? Task.FromException(new InvalidOperationException("killed")) : Task.CompletedTask;
            world.World.StartOperator(killAt: killedAt == 3 ? 0 : killedAt, killAfter: true);
            await world.World.RunUntilAsync(() => world.World.Operator!.IsDead || world.Statements.Exists(s => s.Contains("PASSWORD", StringComparison.Ordinal)) && killedAt == 3, "the operator dies", TimeSpan.FromDays(2));
            await world.World.StopOperatorAsync();
            world.AfterChange = null;
        }

        world.World.StartOperator();
        await world.World.RunUntilAsync(() => world.Secret(user) is { } s && s["password"] != before && !s.ContainsKey("nextPassword") && world.World.IsRunning(), "the rotation takes place", TimeSpan.FromDays(3));
        Assert.Equal(user, await world.LogInAsync(user));
        Assert.Equal(user, world.Secret(user)["username"]);
        // Every database pod is made again: they get the password when they start.
        await world.World.RunUntilAsync(() => world.World.PodLives.Values.Sum(l => l.Count) == 2 * pods && world.World.IsRunning(), "the pods are made again", TimeSpan.FromDays(3));
        var lives = world.World.PodLives.Values.Sum(l => l.Count);
        var statements = world.Statements.Count;
        // Longer than the period after which everything is looked at again.
        var end = world.World.Time.GetUtcNow().AddHours(25);
        await world.World.RunUntilAsync(() => world.World.Time.GetUtcNow() >= end, "nothing more happens", TimeSpan.FromDays(5));
        Assert.Equal((lives, statements), (world.World.PodLives.Values.Sum(l => l.Count), world.Statements.Count));
    }

    [Fact]
    public async Task A_new_password_that_does_not_work_is_taken_back()
    {
        await using var world = await DatabaseWorld.StartAsync(postgres);
        world.World.StartOperator();
        var manifest = OperatorWorld.Manifest();
        manifest["spec"]!["usersWithInPlaceSecretRotation"] = new System.Text.Json.Nodes.JsonArray("postgres");
        world.World.Apply(manifest);
        await world.World.RunUntilAsync(() => world.World.IsRunning(), "the cluster runs");
        var spoiled = 0;
        await world.Server.ExecuteAsync("postgres", "CREATE ROLE somebody SUPERUSER LOGIN PASSWORD 'somebody'");
        // Right after us somebody makes every login of the super user fail, until we put the old password back.
        world.AfterChange = change => change is SetRolePassword { Role: "postgres" } && spoiled++ == 0 ? AsSomebodyAsync("ALTER ROLE postgres VALID UNTIL '2001-01-01'") : Task.CompletedTask;
        world.BeforeChange = change => change is SetRolePassword { Role: "postgres" } && spoiled == 1 ? AsSomebodyAsync("ALTER ROLE postgres VALID UNTIL 'infinity'") : Task.CompletedTask;
        world.EditSecret("postgres", "nextRotation", "2001-01-01T00:00:00Z");
        await world.World.RunUntilAsync(() => spoiled == 2 && !world.Secret("postgres").ContainsKey("nextPassword"), "the rotation is undone", TimeSpan.FromDays(3));
        Assert.Equal(PostgresTemplate.Password, world.Secret("postgres")["password"]);
        Assert.Equal("postgres", await world.LogInAsync("postgres"));

        async Task AsSomebodyAsync(string sql)
        {
            await using var connection = await world.Server.ConnectAsync("postgres", "somebody", "somebody");
            await using var command = new Npgsql.NpgsqlCommand(sql, connection);
            await command.ExecuteNonQueryAsync();
        }
    }
}
