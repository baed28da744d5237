using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning.Tests.Fixtures;

namespace Zalando.Postgres.Sdk.Planning.Tests.StatefulSets;

/// <summary>Fields of the manifest that the reference does not have.</summary>
public sealed class ManifestAdditionsTests
{
    [Fact]
    public void Secrets_for_pulling_images_reach_all_pods_and_restart_none()
    {
        var cluster = new FixtureCase("complete").Running();
        cluster.Manifest = (JsonObject)cluster.Manifest.DeepClone();
        cluster.Manifest["spec"]!["imagePullSecrets"] = new JsonArray(new JsonObject { ["name"] = "registry" });
        var before = cluster.PodRestarts;
        cluster.Run();
        Assert.Equal(before, cluster.PodRestarts);
        Assert.Equal("registry", Secret("StatefulSet", "shop-complete", "spec", "template", "spec"));
        Assert.Equal("registry", Secret("Deployment", "shop-complete-pooler", "spec", "template", "spec"));
        Assert.Equal("registry", Secret("CronJob", "logical-backup-shop-complete", "spec", "jobTemplate", "spec", "template", "spec"));

        string? Secret(string kind, string name, params string[] path)
        {
            JsonNode? node = cluster.Objects[new ObjectKey(kind, "shop", name)];
            foreach (var part in path) node = node?[part];
            return (string?)node?["imagePullSecrets"]?[0]?["name"];
        }
    }

    [Fact]
    public void Archiving_can_be_switched_off_for_one_cluster()
    {
        var cluster = new FixtureCase("archive-and-clone").Start();
        cluster.Manifest["spec"]!.AsObject().Remove("env");
        cluster.Manifest["spec"]!["enableWALArchiving"] = false;
        var names = Set(cluster)["spec"]!["template"]!["spec"]!["containers"]![0]!["env"]!.AsArray().Select(v => (string)v!["name"]!).ToArray();
        Assert.DoesNotContain("WAL_S3_BUCKET", names);
        Assert.DoesNotContain("WAL_BUCKET_SCOPE_SUFFIX", names);
        Assert.Contains("LOG_S3_BUCKET", names);
        Assert.Contains("CLONE_WAL_S3_BUCKET", names);
    }

    [Fact]
    public void An_additional_volume_reaches_the_init_containers_it_names()
    {
        var cluster = new FixtureCase("complete").Start();
        cluster.Manifest["spec"]!["additionalVolumes"]![0]!["targetInitContainers"] = new JsonArray("prepare");
        var mounts = Set(cluster)["spec"]!["template"]!["spec"]!["initContainers"]![0]!["volumeMounts"]!.AsArray();
        Assert.Equal("/scratch", (string?)Assert.Single(mounts)!["mountPath"]);
    }

    private static JsonObject Set(Simulation.SimulatedCluster cluster)
    {
        var plan = ClusterPlanner.Plan(cluster.Input());
        Assert.False(plan.IsRefused, string.Join('\n', plan.Findings));
        return plan.Changes.OfType<CreateObject>().Single(c => c.Kind.Kind == "StatefulSet").Body;
    }
}
