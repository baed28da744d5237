using Zalando.Postgres.Sdk.Planning.Roles;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;

namespace Zalando.Postgres.Sdk.Planning.Tests.Roles;

public sealed class TeamRolesTests
{
    private static readonly TeamGraph Graph = TeamGraph.From(
    [
        Team(new() { ["teamA"] = ["teamB", "team24x7"], ["teamB"] = ["teamA", "teamC", "team24x7"] }, new() { ["teamA"] = ["teamC"], ["teamB"] = [] },
            new() { ["team24x7"] = ["optimusprime"], ["teamB"] = ["drno"] }),
        Team(new() { ["teamC"] = ["team24x7"] }, new() { ["teamA"] = ["teamC"], ["teamC"] = ["teamA", "teamB", "acid"] }, new() { ["acid"] = ["batman"] }),
        Team([], new() { ["teamA"] = ["teamD"], ["teamC"] = ["teamD"], ["teamD"] = ["teamA", "teamB", "teamC"] }, new() { ["acid"] = ["batman"] }),
    ]);

    [Theory]
    [InlineData("teamA", false, "teamC,teamD,acid,teamB")]
    [InlineData("teamB", false, "")]
    [InlineData("teamA", true, "team24x7,teamB,teamC")]
    [InlineData("team24x7", true, "")]
    public void Teams_are_followed_through_teams_and_cycles_end(string team, bool superusers, string expected) =>
        Assert.Equal(expected, string.Join(',', Graph.TeamsOf(team, superusers)));

    [Fact]
    public void The_objects_are_merged_whatever_their_order()
    {
        Assert.Equal(["teamC", "teamD"], Graph.DirectTeamsOf("teamA", superusers: false));
        Assert.Equal(["batman"], Graph.MembersOf("acid"));
        Assert.Equal(["drno"], Graph.MembersOf("teamB"));
    }

    [Fact]
    public void Members_get_login_the_pam_role_and_the_admin_role_and_superusers_get_no_admin_role()
    {
        var roles = Build("test", ["postgres_superusers", "postgres_admins"], new()
        {
            ["postgres_superusers"] = ["elena"],
            ["postgres_admins"] = ["adam"],
            ["test"] = ["tim", "elena"],
        });
        Assert.Equal(("LOGIN SUPERUSER", "LOGIN SUPERUSER", "LOGIN"), (Flags(roles, "elena"), Flags(roles, "adam"), Flags(roles, "tim")));
        Assert.Equal(["zalandos"], roles.Roles["elena"].MemberOf);
        Assert.Equal(["zalandos", "admin"], roles.Roles["tim"].MemberOf);
        Assert.Equal("all", roles.Roles["tim"].Settings["log_statement"]);
        Assert.False(roles.Roles["tim"].HasSecret);
        Assert.True(roles.TeamsKnown);
    }

    [Fact]
    public void A_team_that_the_directory_does_not_know_adds_nobody_and_is_mentioned()
    {
        var roles = Build("acid", ["postgres_superusers"], new() { ["postgres_superusers"] = ["elena"] });
        Assert.Equal(["elena", "postgres", "standby"], roles.Roles.Keys);
        Assert.Equal(("UnknownTeam", "acid"), roles.Findings.Select(f => (f.Code, f.Value!)).Single());
    }

    [Fact]
    public void Without_an_answer_of_the_directory_the_teams_count_as_unknown()
    {
        var roles = Build("acid", [], null);
        Assert.False(roles.TeamsKnown);
        Assert.Equal("TeamsUnknown", Assert.Single(roles.Findings).Code);
    }

    [Theory]
    [InlineData("mallory\"; DROP ROLE postgres; --", true)]
    [InlineData("o'brien", true)]
    [InlineData("nul\0byte", false)]
    [InlineData("new\nline", false)]
    [InlineData("zero\u200Bwidth", false)]
    [InlineData("pg_write_all_data", false)]
    [InlineData("public", false)]
    [InlineData("", false)]
    [InlineData("ééééééééééééééééééééééééééééééééx", false)]
    public void A_hostile_member_name_is_taken_literally_or_refused(string member, bool taken)
    {
        var roles = Build("acid", [], new() { ["acid"] = [member] });
        Assert.Equal(taken, roles.Roles.ContainsKey(member));
        Assert.Equal(taken ? 0 : 1, roles.Findings.Count(f => f.Code == "InvalidTeamMember"));
    }

    [Fact]
    public void Superuser_teams_of_objects_count_only_when_the_configuration_allows_them()
    {
        var settings = Settings(enabled: true);
        Assert.Equal([new("teamC", false), new("teamD", false), new("acid", false), new("teamB", false), new("teamA", false)], Graph.TeamsOfCluster("teamA", settings));
        var super = settings with { TeamsApi = settings.TeamsApi with { EnablePostgresTeamCrdSuperusers = true } };
        Assert.Equal([new("team24x7", true), new("teamB", true), new("teamC", true), new("teamD", false), new("acid", false), new("teamA", false)], Graph.TeamsOfCluster("teamA", super));
        var off = settings with { TeamsApi = settings.TeamsApi with { EnablePostgresTeamCrd = false, EnableTeamSuperuser = true } };
        Assert.Equal([new("teamA", true)], Graph.TeamsOfCluster("teamA", off));
    }

    private static string Flags(DesiredRoles roles, string name) => roles.Roles[name].Attributes.ToString();

    private static OperatorSettings Settings(bool enabled) => OperatorSettings.Defaults with
    {
        TeamsApi = OperatorSettings.Defaults.TeamsApi with { EnableTeamsApi = true, EnablePostgresTeamCrd = enabled },
    };

    private static DesiredRoles Build(string team, string[] superuserTeams, Dictionary<string, IReadOnlyList<string>>? members)
    {
        var settings = Settings(enabled: false);
        return DesiredRoles.Build(
            new() { Metadata = new() { Name = "acid-test", Namespace = "default" }, Spec = new() { TeamId = team } },
            settings with { TeamsApi = settings.TeamsApi with { PostgresSuperuserTeams = superuserTeams } },
            new() { TeamMembers = members });
    }

    private static PostgresTeam Team(Dictionary<string, string[]> superusers, Dictionary<string, string[]> teams, Dictionary<string, string[]> members) => new()
    {
        Spec = new() { AdditionalSuperuserTeams = Map(superusers), AdditionalTeams = Map(teams), AdditionalMembers = Map(members) },
    };

    private static Dictionary<string, IReadOnlyList<string>?> Map(Dictionary<string, string[]> map) => map.ToDictionary(m => m.Key, m => (IReadOnlyList<string>?)m.Value);
}
