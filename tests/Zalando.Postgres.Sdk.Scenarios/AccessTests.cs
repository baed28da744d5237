using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Kubernetes.Yaml;
using Zalando.Postgres.Sdk.Reconciliation.Plugins;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;
using Zalando.Postgres.Sdk.Scenarios.World;

namespace Zalando.Postgres.Sdk.Scenarios;

public sealed class AccessTests
{
    [Fact]
    public async Task The_shipped_rights_are_enough_for_a_whole_life_and_name_no_resource_that_is_never_asked_for()
    {
        await using var world = await OperatorWorld.StartAsync(new OperatorParameters { Kubernetes = new() { EnableFinalizers = true } });
        world.Server.RequestLog.Clear();
        world.StartOperator();
        world.Apply(OperatorWorld.Manifest());
        await world.RunUntilAsync(() => world.IsRunning(), "the cluster runs");
        world.Apply(OperatorWorld.Manifest(instances: 3));
        await world.RunUntilAsync(() => world.IsRunning() && world.PodNames().Count == 3, "it has three members");
        world.Server.Access.Delete(Postgresql.Descriptor, OperatorWorld.Namespace, "acid-minimal-cluster");
        await world.RunUntilAsync(() => world.PodNames().Count == 0 && world.Cluster() is null, "it is gone");
        world.Configuration.Replace(new OperatorConfiguration { Form = ConfigurationForm.ConfigMap, Configuration = new() });
        world.Apply(OperatorWorld.Manifest());
        await world.RunUntilAsync(() => world.IsRunning(), "another one runs, without a finalizer");
        world.Server.Access.Delete(Postgresql.Descriptor, OperatorWorld.Namespace, "acid-minimal-cluster");
        await world.RunUntilAsync(() => !world.Snapshot().Keys.Any(k => k.Contains("acid-minimal-cluster", StringComparison.Ordinal)), "it is gone, too");
        var rules = await RulesAsync();
        var asked = world.Server.RequestLog.Snapshot().Where(r => r.Resource.Length > 0).Select(r => (r.Verb, r.Resource)).Distinct().ToList();
        Assert.NotEmpty(asked);
        Assert.DoesNotContain(asked, a => !rules.Exists(r => Has(r, "resources", a.Resource) && Has(r, "verbs", a.Verb)));
        // Used in other lives: with another source of the configuration, with streams, when a namespace's account is bound, where the operator changes volumes.
        string[] elsewhere = ["operatorconfigurations", "fabriceventstreams", "clusterroles", "pods/exec", "pods/resize", "persistentvolumes"];
        var idle = rules.SelectMany(r => r["resources"]!.AsArray().Select(n => (string)n!)).Except(elsewhere, StringComparer.Ordinal).Where(n => !asked.Exists(a => a.Resource == n));
        Assert.Empty(idle);
    }

    [Fact]
    public async Task The_shipped_rights_are_enough_to_change_volumes_and_no_more_than_that()
    {
        await using var world = await OperatorWorld.StartAsync(new OperatorParameters { Kubernetes = new() { StorageResizeMode = "ebs" } });
        var provider = new FakeVolumeProvider(world);
        world.Server.PodRuntime = provider;
        world.Plugins = services => services with { VolumeResizers = new Dictionary<string, IVolumeResizer>(StringComparer.Ordinal) { ["in-memory.zalando.org/volumes"] = provider } };
        world.Server.RequestLog.Clear();
        world.StartOperator();
        world.Apply(OperatorWorld.Manifest());
        await world.RunUntilAsync(() => world.IsRunning(), "the cluster runs");
        var larger = OperatorWorld.Manifest();
        larger["spec"]!["volume"]!["size"] = "2Gi";
        world.Apply(larger);
        await world.RunUntilAsync(() => world.IsRunning() && provider.Volumes.Count == 2 && provider.Volumes.Values.All(v => v.FileSystemBytes == 2L << 30), "its volumes have grown");
        await world.SettleAsync();
        var rules = await RulesAsync();
        var asked = world.Server.RequestLog.Snapshot().Where(r => r.Resource.Length > 0).Select(r => (r.Verb, r.Resource)).Distinct().ToList();
        Assert.DoesNotContain(asked, a => !rules.Exists(r => Has(r, "resources", a.Resource) && Has(r, "verbs", a.Verb)));
        var volumes = Assert.Single(rules, r => Has(r, "resources", "persistentvolumes"));
        Assert.Equal(volumes["verbs"]!.AsArray().Select(v => (string)v!).Order(StringComparer.Ordinal), asked.Where(a => a.Resource == "persistentvolumes").Select(a => a.Verb).Order(StringComparer.Ordinal));
    }

    private static async Task<List<JsonObject>> RulesAsync() =>
        [.. KubernetesYaml.Parse(await File.ReadAllTextAsync(Path.Combine(RepositoryRoot(), "deploy", "rbac.yaml"), TestContext.Current.CancellationToken))
            .First(d => (string?)d["kind"] == "ClusterRole")["rules"]!.AsArray().Cast<JsonObject>()];

    private static bool Has(JsonObject rule, string field, string value) => rule[field]!.AsArray().Any(v => (string?)v == value);

    private static string RepositoryRoot()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
            if (File.Exists(Path.Combine(directory.FullName, "Zalando.Postgres.Sdk.sln"))) return directory.FullName;
        throw new InvalidOperationException("The tests do not run inside the repository.");
    }
}
