using System.Text.Json.Nodes;
using Zalando.Postgres.Cli.Tests.CommandLine;
using Zalando.Postgres.Sdk.Kubernetes.Client;
using Zalando.Postgres.Sdk.Kubernetes.Configuration;
using Zalando.Postgres.Sdk.Kubernetes.Yaml;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Resources.Schemas;
using Zalando.Postgres.Sdk.Testing.ApiServer;

namespace Zalando.Postgres.Cli.Tests.Planning;

/// <summary>The contract of <c>render</c>, <c>plan</c>, <c>diff</c> and <c>explain</c> that scripts rely on: 0 nothing, 2 changes, 3 disruption, 1 every error.</summary>
public sealed class PlanContractTests : IDisposable
{
    private const string Configuration = """
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: postgres-operator}
        data: {docker_image: "spilo:1"}
        """;

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("kubectl-pg-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Theory]
    [InlineData("plan --no-such-option")]
    [InlineData("plan")]
    [InlineData("plan -f x.yaml --observed . -o pdf")]
    [InlineData("render --observed x")]
    [InlineData("diff")]
    [InlineData("explain")]
    [InlineData("no-such-command")]
    public async Task A_wrong_command_line_is_never_taken_for_a_plan(string line)
    {
        var (code, _, error) = await CommandLineRun.RunAsync(line.Split(' '));
        Assert.Equal(1, code);
        Assert.NotEmpty(error);
    }

    [Theory]
    [InlineData("kind: [", "broken.yaml")]
    [InlineData("kind: ConfigMap\nmetadata: {name: x}", "no postgresql")]
    [InlineData("apiVersion: acid.zalan.do/v1\nkind: postgresql\nmetadata: {name: acid-x}\nspec: {teamId: acid, numberOfInstances: many, volume: {size: 1Gi}, postgresql: {version: \"17\"}}", "numberOfInstances")]
    [InlineData("apiVersion: acid.zalan.do/v1\nkind: postgresql\nmetadata: {name: acid-x}\nspec: {teamId: acid, numberOfInstances: 1, volume: {size: much}, postgresql: {version: \"17\"}}", "spec.volume.size")]
    public async Task A_broken_manifest_is_named_and_ends_with_1(string text, string named)
    {
        var file = Write("broken.yaml", text);
        foreach (var command in new[] { "plan", "diff", "render" })
        {
            string[] arguments = command == "render" ? [command, "-f", file] : [command, "-f", file, "--observed", Folder("nothing")];
            var (code, output, error) = await CommandLineRun.RunAsync(arguments);
            Assert.Equal(1, code);
            Assert.Contains(named, output + error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task An_error_in_one_of_two_manifests_outweighs_the_changes_of_the_other()
    {
        var file = Write("two.yaml", Manifest("acid-one") + "\n---\n" + Manifest("acid-two").Replace("size: 1Gi", "size: much", StringComparison.Ordinal));
        var (code, output, _) = await CommandLineRun.RunAsync("plan", "-f", file, "--config", Write("config.yaml", Configuration), "--observed", Folder("nothing"));
        Assert.Equal(1, code);
        Assert.Contains("create statefulset default/acid-one", output, StringComparison.Ordinal);
        Assert.Contains("Refused", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_manifests_of_one_cluster_are_an_error()
    {
        var file = Write("two.yaml", Manifest("acid-one") + "\n---\n" + Manifest("acid-one"));
        var (code, _, error) = await CommandLineRun.RunAsync("plan", "-f", file, "--observed", Folder("nothing"));
        Assert.Equal(1, code);
        Assert.Contains("acid-one", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_manifests_are_planned_one_after_the_other_and_as_a_list_in_JSON()
    {
        var file = Write("two.yaml", Manifest("acid-one") + "\n---\n" + Manifest("acid-two"));
        var (code, output, _) = await CommandLineRun.RunAsync("plan", "-f", file, "--observed", Folder("nothing"), "-o", "json");
        Assert.Equal(2, code);
        Assert.Equal(["acid-one", "acid-two"], JsonNode.Parse(output)!.AsArray().Select(p => (string)p!["cluster"]!["name"]!));
    }

    [Fact]
    public async Task Warnings_are_told_and_change_no_exit_code()
    {
        var config = Write("config.yaml", Configuration);
        var file = Write("manifest.yaml", Manifest("acid-one").Replace("users:", "env: [{name: lower_case, value: x}]\n  users:", StringComparison.Ordinal));
        var target = Folder("out");
        var render = await CommandLineRun.RunAsync("render", "-f", file, "--config", config, "--output-dir", target);
        var plan = await CommandLineRun.RunAsync("plan", "-f", file, "--config", config, "--observed", target);
        Assert.Equal((0, 0), (render.Code, plan.Code));
        Assert.Contains("lower_case", render.Error, StringComparison.Ordinal);
        Assert.Contains("spec.env[0].name", plan.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Foreign_objects_among_the_observed_ones_are_left_alone()
    {
        var config = Write("config.yaml", Configuration);
        var file = Write("manifest.yaml", Manifest("acid-one"));
        var target = Folder("out");
        await CommandLineRun.RunAsync("render", "-f", file, "--config", config, "--output-dir", target);
        await CommandLineRun.RunAsync("render", "-f", Write("other.yaml", Manifest("acid-one-more")), "--config", config, "--output-dir", target);
        File.WriteAllText(Path.Combine(target, "zz-foreign.yaml"),
            """
            apiVersion: v1
            kind: List
            items:
            - {apiVersion: v1, kind: Namespace, metadata: {name: default}}
            - {apiVersion: example.org/v1, kind: Anything, metadata: {name: acid-one, labels: {cluster-name: acid-one}}}
            - {apiVersion: v1, kind: Pod, metadata: {name: acid-one-pooler-5d9-x, labels: {application: spilo, cluster-name: acid-one}}}
            ---
            resources: [a.yaml]
            ---
            """);
        File.WriteAllText(Path.Combine(target, "notes.txt"), "kind: [");
        var (code, output, error) = await CommandLineRun.RunAsync("plan", "-f", file, "--config", config, "--observed", target);
        Assert.True(code == 0, output + error);
        Assert.Contains("not observed", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_configuration_the_plan_says_what_it_was_made_with()
    {
        var file = Write("manifest.yaml", Manifest("acid-one"));
        var target = Folder("observed");
        var without = await CommandLineRun.RunAsync("plan", "-f", file, "--observed", target);
        File.WriteAllText(Path.Combine(target, "configuration.yaml"),
            "apiVersion: acid.zalan.do/v1\nkind: OperatorConfiguration\nmetadata: {name: ours, namespace: operators}\nconfiguration: {docker_image: \"spilo:ours\"}\n");
        var found = await CommandLineRun.RunAsync("plan", "-f", file, "--observed", target, "-o", "json");
        Assert.Contains("--config", without.Output, StringComparison.Ordinal);
        Assert.Contains("spilo:ours", found.Output, StringComparison.Ordinal);
        Assert.Contains("operators/ours", found.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_time_decides_whether_a_window_is_open()
    {
        var config = Write("config.yaml", Configuration);
        var target = Folder("out");
        var manifest = Manifest("acid-one").Replace("users:", "maintenanceWindows: [\"Wed:01:00-02:00\"]\n  users:", StringComparison.Ordinal);
        await CommandLineRun.RunAsync("render", "-f", Write("manifest.yaml", manifest), "--config", config, "--output-dir", target);
        var upgrade = Write("upgrade.yaml", manifest.Replace("version: \"17\"", "version: \"18\"", StringComparison.Ordinal));
        // 2026-07-01 is a Wednesday.
        var closed = await CommandLineRun.RunAsync("plan", "-f", upgrade, "--config", config, "--observed", target, "--now", "2026-07-01T12:00:00Z");
        var open = await CommandLineRun.RunAsync("plan", "-f", upgrade, "--config", config, "--observed", target, "--now", "2026-07-01T01:30:00Z");
        Assert.Equal(0, closed.Code);
        Assert.Contains("2026-07-08 01:00 UTC", closed.Output, StringComparison.Ordinal);
        Assert.Contains("upgrade PostgreSQL 17 to 18", open.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("maintenance window", open.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cluster_of_a_live_server_is_planned_explained_and_left_as_it_is()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var server = await InMemoryApiServer.StartAsync(new ApiServerOptions(), cancellation);
        var kubeconfig = Write("kubeconfig", server.Kubeconfig);
        using var client = new KubernetesClient(KubernetesClientConfiguration.FromKubeconfigFile(kubeconfig));
        foreach (var definition in CustomResourceDefinitions.All)
            await client.CreateAsync(KubernetesKinds.CustomResourceDefinition, CustomResourceDefinitions.ToJson(definition), null, null, cancellation);
        var config = Write("config.yaml", Configuration);
        var file = Write("manifest.yaml", Manifest("acid-one"));
        string[] arguments = ["-f", file, "--config", config, "--observed", "cluster", "--kubeconfig", kubeconfig];
        var before = await CommandLineRun.RunAsync(["plan", .. arguments]);
        Assert.True(before.Code == 2, before.Output + before.Error);

        var target = Folder("out");
        await CommandLineRun.RunAsync("render", "-f", file, "--config", config, "--output-dir", target);
        foreach (var item in Directory.GetFiles(target).SelectMany(f => KubernetesYaml.Parse(File.ReadAllText(f))).Append(KubernetesYaml.Parse(Manifest("acid-one")).Single()))
        {
            if ((string?)item["kind"] == "Secret") item["data"]!["password"] = "c2VjcmV0";
            var kind = KubernetesKinds.All.Append(Sdk.Resources.Postgresql.Descriptor).First(k => k.Kind == (string?)item["kind"] && k.ApiVersion == (string?)item["apiVersion"]);
            item["metadata"]!["namespace"] = "default";
            await client.CreateAsync(kind, item, null, null, cancellation);
        }

        var after = await CommandLineRun.RunAsync(["plan", .. arguments]);
        Assert.True(after.Code == 0, after.Output + after.Error);
        var diff = await CommandLineRun.RunAsync(["diff", .. arguments]);
        Assert.True(diff.Code == 0, diff.Output + diff.Error);
        var explain = await CommandLineRun.RunAsync("explain", "acid-one", "--config", config, "--kubeconfig", kubeconfig);
        Assert.True(explain.Code == 0, explain.Error);
        Assert.Contains("default/acid-one is", explain.Output, StringComparison.Ordinal);
        var asJson = await CommandLineRun.RunAsync("explain", "acid-one", "--config", config, "--kubeconfig", kubeconfig, "-o", "json");
        var explanation = System.Text.Json.Nodes.JsonNode.Parse(asJson.Output)!;
        Assert.Equal("default/acid-one", (string?)explanation["cluster"]);
        Assert.NotNull(explanation["plan"]!["changes"]);
        Assert.Contains(explanation["pods"]!.AsArray(), p => (string?)p!["name"] == "acid-one-0" && p["containers"] is System.Text.Json.Nodes.JsonArray);
        var missing = await CommandLineRun.RunAsync("explain", "acid-none", "--config", config, "--kubeconfig", kubeconfig);
        Assert.Equal(1, missing.Code);
    }

    private static string Manifest(string name) => $$"""
        apiVersion: acid.zalan.do/v1
        kind: postgresql
        metadata:
          name: {{name}}
        spec:
          teamId: acid
          volume: {size: 1Gi}
          numberOfInstances: 2
          users: {shop: []}
          postgresql: {version: "17"}
        """;

    private string Folder(string name) => Directory.CreateDirectory(Path.Combine(_directory.FullName, name)).FullName;

    private string Write(string name, string text)
    {
        var path = Path.Combine(_directory.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }
}
