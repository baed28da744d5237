using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning.Tests.Fixtures;
using Zalando.Postgres.Sdk.Planning.Tests.Simulation;
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
