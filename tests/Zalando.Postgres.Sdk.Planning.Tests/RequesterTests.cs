using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning.Databases;
using Zalando.Postgres.Sdk.Planning.Roles;
using Zalando.Postgres.Sdk.Planning.Tests.Fixtures;
using Zalando.Postgres.Sdk.Planning.Tests.Simulation;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;

namespace Zalando.Postgres.Sdk.Planning.Tests;

/// <summary>Each reason says who asked for the change.</summary>
public sealed class RequesterTests
{
    private const string Image = "spec.template.spec.containers[postgres].image";

    [Fact]
    public void The_manifest_asked_for_what_it_says()
    {
        var cluster = Running();
        Edit(cluster, spec => spec["dockerImage"] = "spilo:mine");
        Assert.Equal(Requester.Manifest, Reason(cluster, Image).RequestedBy);
    }

    [Fact]
    public void The_configuration_asked_for_what_the_manifest_leaves_open()
    {
        var cluster = Running();
        cluster.Configuration = Configured("spilo:new");
        Assert.Equal(Requester.OperatorConfiguration, Reason(cluster, Image).RequestedBy);
    }

    [Fact]
    public void Nobody_asked_for_a_default_of_the_operator()
    {
        var cluster = Running();
        cluster.Configuration = ConfigMapConfiguration.Read(new Dictionary<string, string> { ["inherited_labels"] = "tier" });
        Assert.Equal(Requester.OperatorVersion, Reason(cluster, Image).RequestedBy);
    }

    [Fact]
    public void What_differs_in_a_finished_cluster_that_was_not_edited_was_changed_by_somebody_else()
    {
        var cluster = Running();
        Edit(cluster, spec => spec["env"] = new JsonArray(new JsonObject { ["name"] = "A", ["value"] = "1" }));
        cluster.Run();
        Generations(cluster, manifest: 4, observed: 4);
        Variables(cluster).Last(v => (string?)v!["name"] == "A")!["value"] = "by hand";
        Assert.Equal(Requester.ClusterState, Reason(cluster, "spec.template.spec.containers[postgres].env[A]").RequestedBy);
    }

    [Fact]
    public void A_value_that_left_the_manifest_was_asked_for_by_it()
    {
        var cluster = Running();
        Edit(cluster, spec => spec["dockerImage"] = "spilo:mine");
        cluster.Run();
        Edit(cluster, spec => spec.AsObject().Remove("dockerImage"));
        Generations(cluster, manifest: 5, observed: 4);
        Assert.Equal(Requester.Manifest, Reason(cluster, Image).RequestedBy);
    }

    [Fact]
    public void Roles_say_who_defined_them_teams_included_and_retention_is_asked_for_by_the_date()
    {
        var manifest = new Postgresql
        {
            Metadata = new() { Name = "acid-test", Namespace = "default" },
            Spec = new() { TeamId = "acid", Users = new Dictionary<string, IReadOnlyList<string>?> { ["app"] = [] } },
        };
        var settings = OperatorSettings.Defaults with { TeamsApi = OperatorSettings.Defaults.TeamsApi with { EnableTeamsApi = true, EnableTeamMemberDeprecation = true } };
        var roles = DesiredRoles.Build(manifest, settings, new()
        {
            TeamMembers = new Dictionary<string, IReadOnlyList<string>> { ["acid"] = ["alice"] },
            InfrastructureRoles = [new() { Name = "monitor", Password = new("x") }],
        }).WithPasswords(r => new(r.Name, new("x")));
        var attributes = new RoleAttributes { Login = true, Inherit = true };
        var observed = new ObservedServer
        {
            Version = 150000,
            Roles = new[]
            {
                new ObservedRole { Name = "postgres", Attributes = attributes with { Superuser = true } },
                new ObservedRole { Name = "former", Attributes = attributes, Comment = "postgres-operator: team member" },
                new ObservedRole { Name = "app200101", Attributes = attributes, Comment = "postgres-operator: rotated role of app" },
            }.ToDictionary(r => r.Name),
        };
        var plan = DatabasePlanner.Plan(manifest, settings, roles, DesiredDatabases.Build(manifest, settings, roles), observed, new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        Assert.Equal(Requester.Manifest, By<CreateRole>(c => c.Role == "app"));
        Assert.Equal(Requester.OperatorConfiguration, By<CreateRole>(c => c.Role == "monitor"));
        Assert.Equal(Requester.Team, By<CreateRole>(c => c.Role == "alice"));
        Assert.Equal(Requester.Team, By<RenameRole>(c => c.Role == "former"));
        Assert.Equal(Requester.Schedule, By<DropRole>(c => c.Role == "app200101"));

        Requester By<T>(Func<T, bool> which)
            where T : DatabaseChange => Assert.Single(plan.Changes, c => c.Change is T change && which(change)).Reasons[0].RequestedBy;
    }

    [Fact]
    public void A_label_that_left_the_manifest_was_taken_away_by_it()
    {
        var cluster = new FixtureCase("small").Start();
        cluster.Manifest["metadata"]!["labels"] = new JsonObject { ["tier"] = "gold" };
        cluster.Run();
        cluster.Manifest = (JsonObject)cluster.Manifest.DeepClone();
        cluster.Manifest["metadata"]!["labels"] = new JsonObject();
        Assert.Equal(Requester.Manifest, Reason(cluster, "spec.template.metadata.labels[tier]").RequestedBy);
    }

    [Fact]
    public void A_service_that_somebody_deleted_is_missing()
    {
        var cluster = Running();
        cluster.Objects.Remove(new ObjectKey("Service", "shop", "shop-small"));
        var reason = Assert.Single(Assert.Single(ClusterPlanner.Plan(cluster.Input()).Changes).Reasons);
        Assert.Equal(Requester.ClusterState, reason.RequestedBy);
        Assert.StartsWith("it is missing", reason.Explanation, StringComparison.Ordinal);
    }

    [Fact]
    public void Pods_carry_the_reasons_of_their_template()
    {
        var cluster = Running();
        cluster.Configuration = Configured("spilo:new");
        var pod = Assert.Single(ClusterPlanner.Plan(cluster.Input()).Changes.OfType<RecreatePod>());
        Assert.Equal(Requester.OperatorConfiguration, Assert.Single(pod.Reasons).RequestedBy);
    }

    private static SimulatedCluster Running() => new FixtureCase("small").Running();

    private static Resources.OperatorConfiguration Configured(string image) =>
        ConfigMapConfiguration.Read(new Dictionary<string, string> { ["docker_image"] = image, ["inherited_labels"] = "tier" });

    private static void Edit(SimulatedCluster cluster, Action<JsonNode> edit)
    {
        cluster.Manifest = (JsonObject)cluster.Manifest.DeepClone();
        edit(cluster.Manifest["spec"]!);
    }

    private static void Generations(SimulatedCluster cluster, int manifest, int observed)
    {
        cluster.Manifest = (JsonObject)cluster.Manifest.DeepClone();
        cluster.Manifest["metadata"]!["generation"] = manifest;
        cluster.Manifest["status"] = new JsonObject { ["PostgresClusterStatus"] = "Running", ["observedGeneration"] = observed };
    }

    private static JsonArray Variables(SimulatedCluster cluster) =>
        cluster.Objects[new ObjectKey("StatefulSet", "shop", "shop-small")]["spec"]!["template"]!["spec"]!["containers"]![0]!["env"]!.AsArray();

    private static ChangeReason Reason(SimulatedCluster cluster, string path)
    {
        var set = Assert.Single(ClusterPlanner.Plan(cluster.Input()).Changes, c => c.Target.Kind == "StatefulSet");
        return Assert.Single(set.Reasons, r => r.FieldPath == path);
    }
}
