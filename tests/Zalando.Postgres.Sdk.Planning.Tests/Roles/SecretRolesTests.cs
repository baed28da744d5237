using System.Text.Json;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning.Databases;
using Zalando.Postgres.Sdk.Planning.Roles;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;

namespace Zalando.Postgres.Sdk.Planning.Tests.Roles;

/// <summary>Secrets are made for the roles that the database gets, and for no other.</summary>
public sealed class SecretRolesTests
{
    private const string Rich = """
        {"users":{"shop":["createdb"],"a_b":[],"a-b":[],"admin":[],"postgres":[],"other.reader":[],"robot":[]},
         "databases":{"shop":"shop","lost":"nobody","template1":"shop"},
         "preparedDatabases":{"bar":{"defaultUsers":true,"schemas":{"data":{"defaultUsers":true},"off":{"defaultUsers":true,"defaultRoles":false},"1x":{"defaultUsers":true}}},"no-name":{"defaultUsers":true}},
         "enableConnectionPooler":true,"connectionPooler":{"user":"postgres"},
         "streams":[{"applicationId":"app","database":"shop","tables":{"t":{"eventType":"e"}}}]}
        """;

    [Fact]
    public void Every_role_with_a_Secret_gets_one_and_nothing_else_does()
    {
        var input = Input(Rich, Robots());
        var wanted = DesiredRoles.Build(input.Manifest, OperatorSettings.From(input.Configuration), new RoleInputs { InfrastructureRoles = [new() { Name = "robot", Password = new("canary-1") }, new() { Name = "drone", Password = new("canary-2") }] });

        var plan = ClusterPlanner.Plan(input);

        Assert.False(plan.IsRefused, string.Join('\n', plan.Findings));
        var secrets = plan.Changes.OfType<CreateObject>().Where(c => c.Kind.Kind == "Secret" && !c.Target.Name.EndsWith("-u", StringComparison.Ordinal)).Select(c => $"{c.Target.Namespace}/{c.Target.Name}").Order(StringComparer.Ordinal);
        var expected = wanted.Roles.Values.Where(r => r.HasSecret).Select(r => $"{r.SecretNamespace}/{r.SecretName}").Order(StringComparer.Ordinal).ToArray();
        Assert.Equal(expected, secrets);
        Assert.Equal(
            ["a-b", "bar_data_owner_user", "bar_data_reader_user", "bar_data_writer_user", "bar_owner_user", "bar_reader_user", "bar_writer_user", "drone", "fes_user", "other.reader", "pooler", "postgres", "robot", "shop", "standby"],
            wanted.Roles.Values.Where(r => r.HasSecret).Select(r => r.Name));
    }

    [Fact]
    public void Of_two_roles_that_would_share_a_Secret_the_second_has_none_in_the_database_either()
    {
        var input = Input("""{"users":{"a_b":[],"a-b":[]}}""");
        var roles = DesiredRoles.Build(input.Manifest, OperatorSettings.From(input.Configuration), RoleInputs.None).WithPasswords(static _ => new("a-b", new("canary")));
        Assert.Equal((true, false), (roles.Roles["a-b"].HasSecret, roles.Roles["a_b"].HasSecret));
        Assert.Null(roles.Roles["a_b"].Password);
    }

    [Fact]
    public void What_the_validator_has_said_is_not_said_again_in_other_words()
    {
        var input = Input(Rich, Robots());
        input = input with { Observed = input.Observed with { Databases = new ObservedServer { Version = 170000, Roles = new Dictionary<string, ObservedRole> { ["postgres"] = new() { Name = "postgres", Attributes = RoleAttributes.LoginOnly with { Superuser = true } }, ["admin"] = new() { Name = "admin", Attributes = RoleAttributes.NoLogin } } } } };

        var plan = ClusterPlanner.Plan(input);

        Assert.NotEmpty(plan.Changes.OfType<ChangeDatabase>());
        foreach (var path in new[] { "spec.users.admin", "spec.users.postgres", "spec.users.a_b", "spec.databases.lost", "spec.databases.template1", "spec.connectionPooler.user", "spec.preparedDatabases.no-name", "spec.preparedDatabases.bar.schemas.1x" })
            Assert.Single(plan.Findings, f => f.FieldPath.Replace('[', '.').Replace("]", "", StringComparison.Ordinal) == path);
        Assert.Equal(plan.Findings.Count, plan.Findings.Distinct().Count());
    }

    [Fact]
    public void A_finding_that_is_worse_or_of_another_matter_is_told()
    {
        Finding told = new() { Severity = FindingSeverity.Warning, Code = "RoleName", FieldPath = "spec.users.x", Rule = "is long" };
        Finding worse = new() { Severity = FindingSeverity.Error, Code = "InvalidRoleName", FieldPath = "spec.users[x]", Rule = "cannot be made" };
        Finding other = new() { Severity = FindingSeverity.Warning, Code = "RoleInUse", FieldPath = "spec.users[x]", Rule = "owns something" };
        Finding same = worse with { Severity = FindingSeverity.Warning };
        Assert.Equal([worse, other], RepeatedFindings.Without([worse, other, same, told], [told]));
    }

    private static JsonObject[] Robots() =>
    [
        new()
        {
            ["apiVersion"] = "v1", ["kind"] = "Secret", ["metadata"] = new JsonObject { ["name"] = "robots", ["namespace"] = "default" },
            ["data"] = new JsonObject { ["user1"] = Encoded("robot"), ["password1"] = Encoded("canary-1"), ["drone"] = Encoded("canary-2"), ["Bad Name"] = Encoded("canary-3") },
        },
        new()
        {
            ["apiVersion"] = "v1", ["kind"] = "ConfigMap", ["metadata"] = new JsonObject { ["name"] = "robots", ["namespace"] = "default" },
            ["data"] = new JsonObject { ["drone"] = "inrole: [admin]\n", ["without-password"] = "" },
        },
    ];

    private static string Encoded(string text) => Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(text));

    // A cluster that exists, so that what the reference tolerates is only warned of.
    private static PlanningInput Input(string patch, params JsonObject[] objects)
    {
        var manifest = (JsonObject)JsonNode.Parse("""{"apiVersion":"acid.zalan.do/v1","kind":"postgresql","metadata":{"name":"acid-shop","namespace":"default","uid":"1"},"spec":{"teamId":"acid","numberOfInstances":1,"volume":{"size":"1Gi"},"postgresql":{"version":"17"}}}""")!;
        foreach (var (key, value) in (JsonObject)JsonNode.Parse(patch)!) manifest["spec"]![key] = value?.DeepClone();
        JsonObject set = new() { ["apiVersion"] = "apps/v1", ["kind"] = "StatefulSet", ["metadata"] = new JsonObject { ["name"] = "acid-shop", ["namespace"] = "default" }, ["spec"] = new JsonObject() };
        return new PlanningInput
        {
            Manifest = manifest.Deserialize(Postgresql.JsonTypeInfo)!,
            Configuration = new OperatorConfiguration
            {
                Form = ConfigurationForm.ConfigMap,
                Configuration = new() { Kubernetes = new() { InfrastructureRolesSecretName = "robots", EnableCrossNamespaceSecret = true }, TeamsApi = new() { EnableTeamsApi = false } },
            },
            Observed = ObservedCluster.FromObjects([set, .. objects]),
            Now = new DateTimeOffset(2026, 7, 6, 0, 0, 0, TimeSpan.Zero),
            PasswordSeed = PasswordSeed.FromBytes(new byte[32]),
        };
    }
}
