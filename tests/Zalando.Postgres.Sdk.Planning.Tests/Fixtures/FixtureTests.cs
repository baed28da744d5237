using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Kubernetes.Yaml;

namespace Zalando.Postgres.Sdk.Planning.Tests.Fixtures;

/// <summary>The essentials of planning, proven by files of this repository alone.</summary>
public sealed class FixtureTests
{
    public static TheoryData<string> Cases => [.. FixtureCase.Names];

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_new_cluster_gets_the_objects_of_the_file(string name)
    {
        var fixture = new FixtureCase(name);
        var plan = ClusterPlanner.Plan(fixture.Start().Input());
        Assert.False(plan.IsRefused, string.Join('\n', plan.Findings));
        var text = FixtureCase.Text(plan);
        if (Environment.GetEnvironmentVariable("UPDATE_FIXTURES") == "1") File.WriteAllText(Path.Combine(SourceFolder(), name, "expected.yaml"), text);
        var actual = KubernetesYaml.Parse(text);
        Assert.Equal(fixture.Expected.Select(Title), actual.Select(Title));
        foreach (var (expected, made) in fixture.Expected.Zip(actual))
            Assert.True(JsonNode.DeepEquals(expected, made), $"{Title(expected)} is\n{KubernetesYaml.Write(made)}\ninstead of\n{KubernetesYaml.Write(expected)}");
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_running_cluster_is_taken_over_without_a_change(string name)
    {
        var cluster = new FixtureCase(name).Running();
        var plan = ClusterPlanner.Plan(cluster.Input());
        Assert.Empty(plan.Changes);
        Assert.Empty(plan.Pending);
        Assert.Equal(0, cluster.PodRestarts);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Each_object_that_is_deleted_is_made_again_and_nothing_else(string name)
    {
        var fixture = new FixtureCase(name);
        var cluster = fixture.Running();
        foreach (var expected in fixture.Expected)
        {
            var key = Simulation.SimulatedCluster.KeyOf(expected);
            cluster.Objects.Remove(key, out var gone);
            var plan = ClusterPlanner.Plan(cluster.Input());
            cluster.Objects[key] = gone!;
            var create = Assert.Single(plan.Changes);
            Assert.IsType<CreateObject>(create);
            Assert.Equal(key.ToString(), create.Target.ToString());
            Assert.Equal(Disruption.None, plan.Disruption);
        }
    }

    [Fact]
    public void A_new_image_restarts_replicas_then_switches_over_then_restarts_the_former_primary()
    {
        var cluster = new FixtureCase("small").Running();
        cluster.Manifest = (JsonObject)cluster.Manifest.DeepClone();
        cluster.Manifest["spec"]!["dockerImage"] = "registry.example.org/spilo-17:5.0";
        var order = new List<string>();
        cluster.Run(plan => order.AddRange(plan.Changes.Where(c => c is RecreatePod or Switchover).Select(PlanText.Describe)));
        Assert.Equal(
            ["make pod shop/shop-small-1 again", "switch over shop/shop-small from shop-small-0 to shop-small-1", "make pod shop/shop-small-0 again"], order);
    }

    private static string Title(JsonObject item) => $"{item["kind"]} {item["metadata"]?["namespace"]}/{item["metadata"]?["name"]}";

    private static string SourceFolder()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory!.FullName, "Zalando.Postgres.Sdk.sln"))) directory = directory.Parent;
        return Path.Combine(directory.FullName, "tests", "Zalando.Postgres.Sdk.Planning.Tests", "Fixtures");
    }
}
