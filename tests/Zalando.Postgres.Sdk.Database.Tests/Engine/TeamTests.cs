using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Database.Tests.Servers;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;
using Zalando.Postgres.Sdk.Scenarios.World;
using Zalando.Postgres.Sdk.Teams;

namespace Zalando.Postgres.Sdk.Database.Tests.Engine;

[Collection("whole operator")]
public sealed class TeamTests(PostgresTemplate postgres)
{
    private static readonly OperatorParameters Parameters = new()
    {
        TeamsApi = new()
        {
            EnableTeamsApi = true, EnablePostgresTeamCrd = true, EnablePostgresTeamCrdSuperusers = true, EnableTeamMemberDeprecation = true, PostgresSuperuserTeams = ["dba"],
        },
    };

    [Fact]
    public async Task Members_of_all_teams_get_roles_lose_them_when_they_leave_and_keep_them_in_an_outage()
    {
        await using var world = await DatabaseWorld.StartAsync(postgres, Parameters);
        var directory = new ScriptedDirectory { Teams = { ["acid"] = ["alice", "bob"], ["dba"] = ["root_of_all"], ["second"] = ["carol"] } };
        world.Teams = directory;
        // A circle of teams, and a person who belongs to a team only here.
        world.World.Server.Access.Create(PostgresTeam.Descriptor, Team("one", new JsonObject
        {
            ["additionalTeams"] = new JsonObject { ["acid"] = new JsonArray("second"), ["second"] = new JsonArray("acid", "third") },
            ["additionalSuperuserTeams"] = new JsonObject { ["acid"] = new JsonArray("night") },
            ["additionalMembers"] = new JsonObject { ["third"] = new JsonArray("dave"), ["night"] = new JsonArray("erin") },
        }));
        world.World.StartOperator();
        world.World.Apply(OperatorWorld.Manifest());
        await world.World.RunUntilAsync(() => world.World.IsRunning(), "the cluster runs");
        await UntilAsync(["alice True False", "bob True False", "carol True False", "dave True False", "erin True True", "root_of_all True True"]);

        // Somebody leaves through each of the ways.
        directory.Teams["acid"] = ["bob"];
        await UntilAsync(["alice_deleted False False", "bob True False", "carol True False", "dave True False", "erin True True", "root_of_all True True"]);

        // The directory is silent, the operator is a new process that knows no earlier answer: nobody loses anything.
        bool Says(string text) => world.Events().Any(e => e.Contains(text, StringComparison.Ordinal))
            || world.World.Cluster()?.Status?.Conditions?.Any(c => c.Message?.Contains(text, StringComparison.Ordinal) == true) == true;

        directory.Failure = "status code 500";
        await world.World.StopOperatorAsync();
        world.World.StartOperator();
        // Events are kept for an hour.
        await world.World.RunUntilAsync(() => Says("status code 500"), "the silence is told");
        var end = world.World.Time.GetUtcNow().AddDays(2);
        await world.World.RunUntilAsync(() => world.World.Time.GetUtcNow() >= end, "two days pass", TimeSpan.FromDays(4));
        await UntilAsync(["alice_deleted False False", "bob True False", "carol True False", "dave True False", "erin True True", "root_of_all True True"]);

        // It knows nobody at all, as a wrong address would say: nobody loses anything either.
        directory.Failure = null;
        directory.Teams.Clear();
        end = world.World.Time.GetUtcNow().AddDays(2);
        await world.World.RunUntilAsync(() => world.World.Time.GetUtcNow() >= end, "two days pass", TimeSpan.FromDays(4));
        await UntilAsync(["alice_deleted False False", "bob True False", "carol True False", "dave True False", "erin True True", "root_of_all True True"]);

        directory.Teams["acid"] = ["alice", "bob"];
        directory.Teams["dba"] = ["root_of_all"];
        directory.Teams["second"] = ["carol"];
        world.World.Server.Access.Update(PostgresTeam.Descriptor, With(world.World.Server.Access.Get(PostgresTeam.Descriptor, OperatorWorld.Namespace, "one")!, new JsonObject
        {
            ["additionalTeams"] = new JsonObject { ["acid"] = new JsonArray("second") },
        }));
        await UntilAsync(["alice True False", "bob True False", "carol True False", "dave_deleted False False", "erin_deleted False False", "root_of_all True True"]);
        Assert.Equal("1", await world.Server.ScalarAsync("postgres", "SELECT count(*) FROM pg_roles WHERE rolname = 'foo_user'"));

        async Task UntilAsync(string[] expected)
        {
            List<string> members = [];
            for (var day = 0; day < 6 && !members.SequenceEqual(expected); day++)
            {
                var next = world.World.Time.GetUtcNow().AddHours(day == 0 ? 0 : 25);
                await world.World.RunUntilAsync(() => world.World.Time.GetUtcNow() >= next, "a day passes", TimeSpan.FromDays(2));
                members = await world.Server.RowsAsync("postgres", "SELECT rolname || ' ' || initcap(rolcanlogin::text) || ' ' || initcap(rolsuper::text) FROM pg_roles r JOIN pg_auth_members m ON m.member = r.oid WHERE m.roleid = 'zalandos'::regrole ORDER BY 1");
            }

            Assert.Equal(expected, members);
        }
    }

    private static JsonObject Team(string name, JsonObject spec) => new()
    {
        ["apiVersion"] = "acid.zalan.do/v1", ["kind"] = "PostgresTeam", ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = OperatorWorld.Namespace }, ["spec"] = spec,
    };

    private static JsonObject With(JsonObject team, JsonObject spec)
    {
        team["spec"] = spec;
        return team;
    }

    private sealed class ScriptedDirectory : ITeamDirectory
    {
        public Dictionary<string, string[]> Teams { get; } = new(StringComparer.Ordinal);

        public string? Failure { get; set; }

        public Task<TeamMembers?> FindAsync(string team, CancellationToken cancellationToken = default) => Failure is { } failure
            ? throw new TeamDirectoryException(failure)
            : Task.FromResult(Teams.TryGetValue(team, out var members) ? new TeamMembers(team, members) : null);
    }
}
