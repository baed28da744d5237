using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Kubernetes.Yaml;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Resources.Schemas;
using Zalando.Postgres.Sdk.Testing.ApiServer;
using Zalando.Postgres.Sdk.Testing.Controllers;

namespace Zalando.Postgres.Operator.Tests;

/// <summary>The ready operator as it is deployed: a program of its own, the settings of its pod, and no more rights than <c>deploy/rbac.yaml</c> gives.</summary>
public sealed class OperatorProgramTests
{
    private const string Token = "token-of-the-operator";
    private const string Cluster = "acid-minimal-cluster";

    private static readonly Dictionary<string, string> Nothing = new(StringComparer.Ordinal);

    [Fact]
    public async Task With_the_shipped_rights_it_looks_after_a_cluster_across_a_kill_and_gives_the_lease_back_at_the_end()
    {
        await using var server = await StartServerAsync();
        var settings = await SettingsAsync(server, "life");
        Apply(server, Embedded("minimal.yaml"));
        string uid;
        await using (var first = OperatorProcess.Start(settings))
        {
            await UntilAsync(server, first, () => server.Access.Get(KubernetesKinds.StatefulSet, "default", Cluster) is not null);
            uid = Uid(server);
            first.Kill();
            await first.WaitForExitAsync();
        }

        // The lease of the killed process runs out first, in real time; a new identity would wait for it, the same one goes on at once.
        await using var second = OperatorProcess.Start(settings);
        await UntilAsync(server, second, () => Pods(server).Count == 2);
        LabelPrimary(server);
        await UntilAsync(server, second, () => Status(server) == "Running");
        Assert.Equal(uid, Uid(server));
        Assert.Equal(0, await second.ProbeAsync("live"));
        Assert.Equal(0, await second.ProbeAsync("ready"));
        // Whoever asks for its health gets one word: what the operator knows of clusters and their secrets is for others.
        using (var web = new HttpClient(new SocketsHttpHandler { UseProxy = false }))
        {
            foreach (var page in new[] { "livez", "readyz" })
            {
                using var answer = await web.GetAsync(new Uri($"http://127.0.0.1:{second.HealthPort}/{page}"), TestContext.Current.CancellationToken);
                Assert.Equal("Healthy", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
            }
        }

        second.Terminate();
        Assert.Equal(0, await second.WaitForExitAsync());
        var lease = server.Access.Get(KubernetesKinds.Lease, "postgres-operator", "postgres-operator")!;
        Assert.Null((string?)lease["spec"]!["holderIdentity"] is { Length: > 0 } holder ? holder : null);
        Assert.DoesNotContain("forbidden", second.Output, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(1, await second.ProbeAsync("live"));
    }

    [Fact]
    public async Task Without_a_kubeconfig_it_says_what_is_missing_and_shows_no_stack_trace()
    {
        var (code, output) = await OperatorProcess.RunAsync(Nothing);
        Assert.Equal(1, code);
        Assert.StartsWith("The operator cannot start: ", output, StringComparison.Ordinal);
        Assert.Contains("KUBECONFIG", output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("OPERATOR_NAMESPACE", "Not A Namespace", "OperatorNamespace")]
    [InlineData("HEALTH_PORT", "eighty", "HEALTH_PORT is 'eighty'")]
    [InlineData("RESTART_POLICY", "sometimes", "RESTART_POLICY is 'sometimes': it must be immediately, window or approval.")]
    [InlineData("RESIZE_POLICY", "memory", "RESIZE_POLICY is 'memory': it must be cpu, cpu-and-memory or never.")]
    public async Task A_setting_that_makes_no_sense_is_refused_by_name(string name, string value, string words)
    {
        var (code, output) = await OperatorProcess.RunAsync(new Dictionary<string, string>(StringComparer.Ordinal) { [name] = value });
        Assert.Equal(1, code);
        Assert.Contains(words, output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_taken_health_port_is_told_in_one_line()
    {
        await using var server = await StartServerAsync();
        var settings = await SettingsAsync(server, "port");
        settings["HEALTH_PORT"] = server.Url.Port.ToString(System.Globalization.CultureInfo.InvariantCulture);
        var (code, output) = await OperatorProcess.RunAsync(settings);
        Assert.Equal(1, code);
        Assert.Contains("address already in use", output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--WATCHED_NAMESPACES=*")]
    [InlineData("run")]
    public async Task A_mistyped_argument_is_refused(string argument)
    {
        var (code, output) = await OperatorProcess.RunAsync(Nothing, argument);
        Assert.Equal(64, code);
        Assert.Contains($"'{argument}'", output, StringComparison.Ordinal);
        Assert.Contains("--help", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_lists_every_setting_of_the_shipped_deployment()
    {
        var (code, output) = await OperatorProcess.RunAsync(Nothing, "--help");
        Assert.Equal(0, code);
        var deployment = KubernetesYaml.Parse(Embedded("operator.yaml")).Single();
        var container = deployment["spec"]!["template"]!["spec"]!["containers"]![0]!;
        Assert.All(container["env"]!.AsArray(), variable => Assert.Contains((string)variable!["name"]!, output, StringComparison.Ordinal));
        Assert.Null(container["ports"]);
    }

    private static async Task<InMemoryApiServer> StartServerAsync()
    {
        var account = new RequestUser("system:serviceaccount:postgres-operator:postgres-operator", null, ["system:serviceaccounts", "system:authenticated"]);
        var server = await InMemoryApiServer.StartAsync(
            new ApiServerOptions
            {
                Authorization = AuthorizationMode.Rbac, AnonymousAuthentication = false, TokenUsers = [new TokenUser(Token, account)], SimulatedNode = new SimulatedNodeOptions(),
            },
            TestContext.Current.CancellationToken);
        foreach (var definition in CustomResourceDefinitions.All) server.Access.Create(KubernetesKinds.CustomResourceDefinition, CustomResourceDefinitions.ToJson(definition));
        Apply(server, Embedded("rbac.yaml"));
        return server;
    }

    private static async Task<Dictionary<string, string>> SettingsAsync(InMemoryApiServer server, string name)
    {
        var file = Path.Combine(AppContext.BaseDirectory, $"kubeconfig-{name}");
        await File.WriteAllTextAsync(file, server.Kubeconfig.Replace("user: {}", $"user: {{token: {Token}}}", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        return new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["KUBECONFIG"] = file, ["OPERATOR_NAMESPACE"] = "postgres-operator", ["WATCHED_NAMESPACE"] = "*", ["POD_NAME"] = "postgres-operator-0", ["DATABASE_ACCESS"] = "false",
        };
    }

    private static void Apply(InMemoryApiServer server, string yaml)
    {
        foreach (var value in KubernetesYaml.Parse(yaml))
        {
            var kind = server.Access.Kinds.First(k => k.ApiVersion == (string?)value["apiVersion"] && k.Kind == (string?)value["kind"]);
            if (kind.Namespaced) value["metadata"]!["namespace"] ??= "default";
            server.Access.Create(kind, value);
        }
    }

    private static async Task UntilAsync(InMemoryApiServer server, OperatorProcess process, Func<bool> condition)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromMinutes(2));
        using var changed = new SemaphoreSlim(1);
        using var subscription = server.Access.Subscribe(_ => changed.Release());
        try
        {
            while (!condition()) await changed.WaitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"It did not come to it (the operator {(process.HasExited ? "has ended" : "runs")}):\n{process.Output}");
        }
    }

    private static IReadOnlyList<JsonObject> Pods(InMemoryApiServer server) => server.Access.List(KubernetesKinds.Pod, "default");

    private static string Uid(InMemoryApiServer server) => (string)server.Access.Get(KubernetesKinds.StatefulSet, "default", Cluster)!["metadata"]!["uid"]!;

    private static string? Status(InMemoryApiServer server) => (string?)server.Access.Get(Postgresql.Descriptor, "default", Cluster)?["status"]?["PostgresClusterStatus"];

    // What Patroni in the pod would do.
    private static void LabelPrimary(InMemoryApiServer server)
    {
        foreach (var (name, role) in new[] { ($"{Cluster}-0", "master"), ($"{Cluster}-1", "replica") })
        {
            var pod = server.Access.Get(KubernetesKinds.Pod, "default", name)!;
            pod["metadata"]!["labels"]!["spilo-role"] = role;
            server.Access.Update(KubernetesKinds.Pod, pod);
        }
    }

    private static string Embedded(string name)
    {
        using var stream = typeof(OperatorProgramTests).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
