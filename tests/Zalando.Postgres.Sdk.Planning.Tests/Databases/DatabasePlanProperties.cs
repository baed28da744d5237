using Zalando.Postgres.Sdk.Planning.Databases;
using Zalando.Postgres.Sdk.Planning.Roles;
using Zalando.Postgres.Sdk.Planning.Tests.Simulation;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;

namespace Zalando.Postgres.Sdk.Planning.Tests.Databases;

public sealed class DatabasePlanProperties
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly string[] Names = ["app", "app_user", "shop", "shop_owner", "data", "a-b", "zoo"];
    private static readonly string[] Databases = ["app", "shop", "zoo", "Data", "with space", "template1"];
    private static readonly OperatorSettings Settings = OperatorSettings.Defaults with { TeamsApi = OperatorSettings.Defaults.TeamsApi with { EnableTeamsApi = true, EnableTeamMemberDeprecation = true } };

    [Fact]
    public void A_plan_that_was_carried_out_leaves_nothing_to_plan_and_never_drops_what_is_not_ours() => Properties.ForScenarios(60, dice =>
    {
        var (manifest, members, server) = (Manifest(dice), Members(dice), Server(dice));
        var before = server;
        // What is made first may be looked into only afterwards: two rounds, as the engine does.
        for (var round = 0; round < 2; round++)
            foreach (var change in Plan(manifest, members, server).Changes) server = server.With(change.Change);
        Assert.Empty(Plan(manifest, members, server).Changes.Select(c => $"{c.Change} because {c.Reasons[0].Explanation}"));

        // A role of somebody else keeps all it had; a database stays unless it carries our mark.
        foreach (var role in before.Roles.Values.Where(r => r.Name.StartsWith("somebody", StringComparison.Ordinal)))
        {
            Assert.Equal(role, server.Roles[role.Name]);
            Assert.True(before.Grants.Where(g => g.Member == role.Name || g.Role == role.Name).All(server.Grants.Contains));
        }

        Assert.Empty(before.Databases.Keys.Except(server.Databases.Keys));
    });

    [Fact]
    public void The_order_in_which_a_manifest_is_written_does_not_matter() => Properties.ForScenarios(60, dice =>
    {
        var (manifest, members, server) = (Manifest(dice), Members(dice), Server(dice));
        var reversed = manifest with
        {
            Spec = manifest.Spec with
            {
                Users = manifest.Spec.Users!.AsEnumerable().Reverse().ToDictionary(u => u.Key, u => u.Value),
                Databases = manifest.Spec.Databases!.Reverse().ToDictionary(d => d.Key, d => d.Value),
                PreparedDatabases = manifest.Spec.PreparedDatabases!.Reverse().ToDictionary(d => d.Key, d => d.Value),
            },
        };
        Assert.Equal(Plan(manifest, members, server).Changes.Select(c => c.Change.ToString()), Plan(reversed, [.. members.AsEnumerable().Reverse()], server).Changes.Select(c => c.Change.ToString()));
    });

    private static DatabasePlan Plan(Postgresql manifest, string[] members, ObservedServer server)
    {
        var inputs = new RoleInputs { TeamMembers = new Dictionary<string, IReadOnlyList<string>> { ["acid"] = members } };
        var roles = DesiredRoles.Build(manifest, Settings, inputs).WithPasswords(r => new(r.Name, new("password of " + r.Name)));
        return DatabasePlanner.Plan(manifest, Settings, roles, DesiredDatabases.Build(manifest, Settings, roles), server, Now);
    }

    private static string[] Members(Dice dice) => [.. new[] { "alice", "bob", "app", "zoo" }.Where(_ => dice.Chance(50)), "carol"];

    private static Postgresql Manifest(Dice dice)
    {
        string[][] flags = [[], ["createdb"], ["superuser", "login"], ["nologin"], ["noinherit", "replication"]];
        return new()
        {
            Metadata = new() { Name = "acid-test", Namespace = "default" },
            Spec = new()
            {
                TeamId = "acid",
                Users = Names.Where(_ => dice.Chance(60)).ToDictionary(n => n, _ => (IReadOnlyList<string>?)dice.Pick(flags)),
                Databases = Databases.Where(_ => dice.Chance(50)).ToDictionary(n => n, _ => dice.Pick(Names)),
                PreparedDatabases = new[] { "shop", "prepared" }.Where(_ => dice.Chance(70)).ToDictionary(n => n, _ => (PreparedDatabase?)new PreparedDatabase
                {
                    DefaultUsers = dice.Chance(50),
                    Extensions = dice.Chance(50) ? new Dictionary<string, string> { ["hstore"] = "data" } : null,
                    Schemas = dice.Chance(50) ? null : new Dictionary<string, PreparedSchema?> { ["data"] = new() { DefaultUsers = dice.Chance(50) }, ["public"] = new() { DefaultRoles = dice.Chance(50) } },
                }),
                EnableConnectionPooler = dice.Chance(50),
                DatabaseReclaimPolicy = dice.Chance(50) ? "Delete" : null,
            },
        };
    }

    private static ObservedServer Server(Dice dice)
    {
        var roles = new Dictionary<string, ObservedRole>(StringComparer.Ordinal)
        {
            ["postgres"] = Role("postgres") with { Attributes = new() { Login = true, Superuser = true } },
            ["standby"] = Role("standby") with { Attributes = new() { Login = true, Replication = true } },
            ["admin"] = Role("admin"),
            ["zalandos"] = Role("zalandos"),
            ["somebody"] = Role("somebody") with { Attributes = RoleAttributes.LoginOnly },
            ["somebody260101"] = Role("somebody260101"),
        };
        foreach (var name in Names.Where(_ => dice.Chance(50))) roles[name] = Role(name) with { Attributes = dice.Chance(50) ? RoleAttributes.LoginOnly : new() { CreateRole = true, Login = true } };
        var databases = new Dictionary<string, ObservedDatabase>(StringComparer.Ordinal) { ["postgres"] = Database("postgres"), ["template1"] = Database("template1") with { IsTemplate = true }, ["somebody_s"] = Database("somebody_s") };
        foreach (var name in new[] { "app", "shop" }.Where(_ => dice.Chance(50))) databases[name] = Database(name) with { Owner = dice.Chance(50) ? "somebody" : "postgres" };
        var grants = new HashSet<RoleGrant> { new("admin", "somebody", true) };
        return new() { Version = 150000, Roles = roles, Databases = databases, Grants = grants, AvailableExtensions = new HashSet<string> { "hstore", "plpgsql" } };
    }

    private static ObservedRole Role(string name) => new() { Name = name, Attributes = RoleAttributes.NoLogin };

    private static ObservedDatabase Database(string name) => new() { Name = name, Owner = "postgres", Contents = ObservedContents.OfNewDatabase };
}
