using System.Text;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning.Tests.Fixtures;
using Zalando.Postgres.Sdk.Planning.Tests.Simulation;

namespace Zalando.Postgres.Sdk.Planning.Tests.Pooler;

public sealed class PoolerCertificateTests
{
    private const string Annotation = "acid.zalan.do/pooler-certificate";
    private static readonly ObjectKey Deployment = new("Deployment", "shop", "shop-complete-pooler");
    private static readonly ObjectKey Certificate = new("Secret", "shop", "pg-tls");

    [Fact]
    public void A_renewed_certificate_rolls_out_new_pooler_pods_once_and_restarts_nothing_else()
    {
        var cluster = Running();
        Store(cluster, "first");
        Own(cluster);
        cluster.Objects.Remove(Deployment);
        cluster.Run();
        var first = OfPods(cluster);
        Assert.NotNull(first);
        Assert.Empty(ClusterPlanner.Plan(cluster.Input()).Changes);

        Store(cluster, "second");
        var plan = ClusterPlanner.Plan(cluster.Input());
        var change = Assert.IsType<PatchObject>(Assert.Single(plan.Changes));
        Assert.Equal((Deployment.Name, Disruption.PoolerRestart), (change.Target.Name, change.Disruption));
        var reason = Assert.Single(change.Reasons);
        Assert.Equal(Requester.ClusterState, reason.RequestedBy);
        Assert.Contains("Secret of spec.tls", reason.Explanation, StringComparison.Ordinal);
        Assert.DoesNotContain("second", change.Patch.ToJsonString(), StringComparison.Ordinal);
        cluster.Run();
        Assert.NotEqual(first, OfPods(cluster));
        Assert.Empty(ClusterPlanner.Plan(cluster.Input()).Changes);
    }

    [Fact]
    public void The_pods_of_a_pooler_that_was_taken_over_are_left_alone_until_the_certificate_changes()
    {
        var cluster = Running();
        // As the reference leaves it: nothing tells with which certificate the pods were started.
        Assert.Null(OfPods(cluster));
        Store(cluster, "first");
        Assert.Empty(ClusterPlanner.Plan(cluster.Input()).Changes);
        Own(cluster);
        var plan = ClusterPlanner.Plan(cluster.Input());
        Assert.Equal(Disruption.None, plan.Disruption);
        cluster.Apply(plan);
        Assert.Null(OfPods(cluster));
        Assert.NotNull(OfDeployment(cluster));
        Assert.Empty(ClusterPlanner.Plan(cluster.Input()).Changes);

        Store(cluster, "second");
        Assert.Equal(Disruption.PoolerRestart, ClusterPlanner.Plan(cluster.Input()).Disruption);
        cluster.Run();
        Assert.NotNull(OfPods(cluster));
        Assert.Null(OfDeployment(cluster));
    }

    [Fact]
    public void Pods_that_are_older_than_the_Secret_have_another_certificate()
    {
        var cluster = Running();
        Store(cluster, "first");
        cluster.Objects[Certificate]["metadata"]!["creationTimestamp"] = "2026-01-02T00:00:00Z";
        cluster.Objects[new ObjectKey("Pod", "shop", "shop-complete-pooler-x")] = (JsonObject)JsonNode.Parse("""
            {"apiVersion":"v1","kind":"Pod","metadata":{"name":"shop-complete-pooler-x","namespace":"shop","creationTimestamp":"2026-01-01T00:00:00Z",
             "labels":{"application":"db-connection-pooler","connection-pooler":"shop-complete-pooler","cluster-name":"shop-complete"}}}
            """)!;
        Assert.Equal(Disruption.PoolerRestart, ClusterPlanner.Plan(cluster.Input()).Disruption);
    }

    [Fact]
    public void A_certificate_that_cannot_be_seen_changes_nothing()
    {
        var cluster = Running();
        Own(cluster);
        Store(cluster, "first");
        cluster.Run();
        Store(cluster, "second");
        cluster.Run();
        var known = OfPods(cluster);
        Assert.NotNull(known);
        cluster.Objects.Remove(Certificate);
        Assert.Empty(ClusterPlanner.Plan(cluster.Input()).Changes);
        Assert.Equal(known, OfPods(cluster));
    }

    [Fact]
    public void The_Secrets_of_the_certificate_are_asked_for()
    {
        var cluster = Running();
        cluster.Manifest["spec"]!["tls"]!["caFile"] = "ca.crt";
        cluster.Manifest["spec"]!["tls"]!["caSecretName"] = "pg-ca";
        cluster.Manifest = (JsonObject)cluster.Manifest.DeepClone();
        var references = ClusterPlanner.References(cluster.Input());
        Assert.Contains(Certificate, references);
        Assert.Contains(new ObjectKey("Secret", "shop", "pg-ca"), references);
    }

    private static SimulatedCluster Running()
    {
        var cluster = new FixtureCase("complete").Running();
        var manifest = (JsonObject)cluster.Manifest.DeepClone();
        manifest["spec"]!["enableReplicaConnectionPooler"] = false;
        manifest["spec"]!["tls"] = new JsonObject { ["secretName"] = "pg-tls" };
        cluster.Manifest = manifest;
        cluster.Run();
        return cluster;
    }

    // The reference writes no conditions.
    private static void Own(SimulatedCluster cluster)
    {
        var manifest = (JsonObject)cluster.Manifest.DeepClone();
        manifest["status"] = new JsonObject { ["conditions"] = new JsonArray(new JsonObject { ["type"] = "Ready", ["status"] = "True" }) };
        cluster.Manifest = manifest;
    }

    private static void Store(SimulatedCluster cluster, string content) => cluster.Objects[Certificate] = new JsonObject
    {
        ["apiVersion"] = "v1", ["kind"] = "Secret",
        ["metadata"] = new JsonObject { ["name"] = "pg-tls", ["namespace"] = "shop", ["uid"] = "tls", ["resourceVersion"] = content, ["creationTimestamp"] = "2000-01-01T00:00:00Z" },
        ["data"] = new JsonObject { ["tls.crt"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(content)) },
    };

    private static string? OfPods(SimulatedCluster cluster) => (string?)cluster.Objects[Deployment]["spec"]!["template"]!["metadata"]!["annotations"]?[Annotation];

    private static string? OfDeployment(SimulatedCluster cluster) => (string?)cluster.Objects[Deployment]["metadata"]!["annotations"]?[Annotation];
}
