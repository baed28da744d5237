using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning.Tests.Fixtures;
using Zalando.Postgres.Sdk.Planning.Tests.Golden;
using Zalando.Postgres.Sdk.Planning.Tests.Simulation;
using Zalando.Postgres.Sdk.Resources.Configuration;

namespace Zalando.Postgres.Sdk.Planning.Tests.Restarts;

/// <summary>Clusters as a 1.15.1 operator left them: older defaults in the pod template, Patroni's state in endpoints, an annotation that is no longer made.</summary>
public sealed class FormerVersionTests
{
    private const string FormerImage = "ghcr.io/zalando/spilo-17:4.0-p3";
    private const string IdleTimeout = "service.beta.kubernetes.io/aws-load-balancer-connection-idle-timeout";

    [Fact]
    public void With_the_settings_written_down_it_is_taken_over_without_a_change()
    {
        var cluster = Former(new() { ["docker_image"] = FormerImage, ["kubernetes_use_configmaps"] = "false" });
        var plan = ClusterPlanner.Plan(cluster.Input());
        Assert.True(plan.IsEmpty, PlanText.Write(plan));
        Assert.Empty(plan.Pending);
    }

    [Fact]
    public void New_defaults_show_what_would_restart_and_why()
    {
        var plan = ClusterPlanner.Plan(Former([]).Input());
        var set = Assert.Single(plan.Changes.OfType<PatchObject>(), c => c.Kind.Kind == "StatefulSet");
        var image = Assert.Single(set.Reasons, r => r.FieldPath == "spec.template.spec.containers[postgres].image");
        Assert.Equal((FormerImage, Consequence.RecreatePods, Requester.OperatorVersion), (image.Old, image.Consequence, image.RequestedBy));
        var maps = Assert.Single(set.Reasons, r => r.FieldPath == "spec.template.spec.containers[postgres].env[KUBERNETES_USE_CONFIGMAPS]");
        Assert.Equal(("true", Requester.OperatorVersion), (maps.New, maps.RequestedBy));
        // Ways to connect were chosen when the cluster was made.
        Assert.DoesNotContain(set.Reasons, r => r.FieldPath.Contains("SPILO_CONFIGURATION", StringComparison.Ordinal));
        Assert.Equal(2, PlanSummary.Of(plan).PodRestarts);
        Assert.Equal(1, PlanSummary.Of(plan).Switchovers);
    }

    [Fact]
    public void The_owner_holds_the_restarts_back_and_approves_them_later()
    {
        var cluster = Former([]);
        var template = cluster.Objects[new("StatefulSet", "shop", "shop-small")]["spec"]!["template"]!.ToJsonString();
        cluster.RestartPolicy = RestartPolicy.Approval;
        cluster.Run();
        Assert.Equal(template, cluster.Objects[new("StatefulSet", "shop", "shop-small")]["spec"]!["template"]!.ToJsonString());
        Assert.Equal(0, cluster.PodRestarts);
        var held = ClusterPlanner.Plan(cluster.Input());
        Assert.True(held.IsEmpty);
        Assert.Equal(2, held.Pending.Count(p => p.Change is RecreatePod && p.WaitsFor == WaitReason.Approval));
        var approval = Assert.Single(held.Pending.Select(p => p.Approval).Distinct());
        Assert.Contains($"--overwrite {RestartAnnotations.Approval}={approval}", PlanText.Write(held), StringComparison.Ordinal);

        Annotate(cluster, RestartAnnotations.Approval, approval!);
        cluster.Run();
        Assert.Equal((2, 1), (cluster.PodRestarts, cluster.Switchovers));
        Assert.Contains("KUBERNETES_USE_CONFIGMAPS", cluster.Objects[new("StatefulSet", "shop", "shop-small")].ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_annotation_that_is_no_longer_made_stays_where_it_is()
    {
        var cluster = Former(new() { ["docker_image"] = FormerImage, ["kubernetes_use_configmaps"] = "false" });
        cluster.Run();
        Assert.Equal("3600", (string?)cluster.Objects[new("Service", "shop", "shop-small")]["metadata"]!["annotations"]![IdleTimeout]);
    }

    private static void Annotate(SimulatedCluster cluster, string key, string value)
    {
        cluster.Manifest = (JsonObject)cluster.Manifest.DeepClone();
        cluster.Manifest["metadata"]!["annotations"] = new JsonObject { [key] = value };
    }

    private static SimulatedCluster Former(Dictionary<string, string> configuration)
    {
        var fixture = new FixtureCase("small");
        var former = new SimulatedCluster([], (JsonObject)fixture.Manifest.DeepClone(),
            ConfigMapConfiguration.Read(new Dictionary<string, string> { ["docker_image"] = FormerImage, ["kubernetes_use_configmaps"] = "false" }),
            new DateTimeOffset(2026, 7, 1, 12, 0, 0, TimeSpan.Zero));
        former.Run();
        var set = former.Objects[new("StatefulSet", "shop", "shop-small")];
        foreach (var variable in set["spec"]!["template"]!["spec"]!["containers"]![0]!["env"]!.AsArray())
        {
            if ((string?)variable!["name"] == "SPILO_CONFIGURATION") variable["value"] = variable["value"]!.ToString().Replace("scram-sha-256", "md5", StringComparison.Ordinal);
        }

        former.Objects[new("Service", "shop", "shop-small")]["metadata"]!["annotations"]![IdleTimeout] = "3600";
        former.Configuration = ConfigMapConfiguration.Read(configuration);
        return former;
    }
}
