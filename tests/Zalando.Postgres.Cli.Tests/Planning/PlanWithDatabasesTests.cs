using System.Text.Json.Nodes;
using Zalando.Postgres.Cli.CommandLine;
using Zalando.Postgres.Cli.Planning;
using Zalando.Postgres.Cli.Tests.CommandLine;
using Zalando.Postgres.Sdk.Kubernetes.Yaml;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Resources.Schemas;
using Zalando.Postgres.Sdk.Testing.ApiServer;

namespace Zalando.Postgres.Cli.Tests.Planning;

/// <summary>What <c>plan --with-databases</c> says where it cannot look; what it sees is in the end-to-end tests.</summary>
public sealed class PlanWithDatabasesTests : IAsyncLifetime
{
    private const string Token = "of-a-viewer";

    private readonly TemporaryDirectory _directory = new();
    private InMemoryApiServer _server = null!;
    private string _manifest = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await InMemoryApiServer.StartAsync(
            new ApiServerOptions { Authorization = AuthorizationMode.Rbac, Controllers = [], TokenUsers = [new TokenUser(Token, new RequestUser("viewer", null, []))] }, Stop);
        foreach (var definition in CustomResourceDefinitions.All) _server.Access.Create(KubernetesKinds.CustomResourceDefinition, CustomResourceDefinitions.ToJson(definition));
        _manifest = _directory.Write("manifest.yaml", PlanCommandTests.Manifest);
        Allow("secrets");
        Allow("statefulsets,pods,services,endpoints,configmaps,persistentvolumeclaims,poddisruptionbudgets,deployments,cronjobs,fabriceventstreams,postgresqls,serviceaccounts,rolebindings,operatorconfigurations");
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _directory.Dispose();
    }

    [Theory]
    [InlineData("--with-databases reads a running server, so it goes with --observed cluster and not with --observed exported.", "--observed", "exported", "--with-databases")]
    [InlineData("--database-address goes with --with-databases.", "--observed", "cluster", "--database-address", "db")]
    [InlineData("--database-address: \"a,b\" is no address: write it as 10.0.0.7, db.example.org:5432 or [fd00::7]:5432.", "--observed", "cluster", "--with-databases", "--database-address", "a,b")]
    [InlineData("--database-address: \"db:65536\" is no address: write it as 10.0.0.7, db.example.org:5432 or [fd00::7]:5432.", "--observed", "cluster", "--with-databases", "--database-address", "db:65536")]
    [InlineData("--database-address: \"[::1]5432\" is no address: write it as 10.0.0.7, db.example.org:5432 or [fd00::7]:5432.", "--observed", "cluster", "--with-databases", "--database-address", "[::1]5432")]
    [InlineData("--database-address: \"/tmp\" is no address: write it as 10.0.0.7, db.example.org:5432 or [fd00::7]:5432.", "--observed", "cluster", "--with-databases", "--database-address", "/tmp")]
    public async Task Options_that_do_not_go_together_are_told(string message, params string[] options)
    {
        var (code, output, error) = await CommandLineRun.RunAsync(["plan", "-f", _manifest, .. options]);
        Assert.Equal((ExitCodes.Failure, ""), (code, output));
        Assert.StartsWith($"error: {message}{Environment.NewLine}", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_is_of_one_cluster()
    {
        var other = _directory.Write("other.yaml", PlanCommandTests.Manifest.Replace("acid-shop", "acid-other", StringComparison.Ordinal));
        var (code, _, error) = await RunAsync("-f", other, "--database-address", "db");
        Assert.Equal(ExitCodes.Failure, code);
        Assert.Contains("--database-address is the address of one primary, and the files hold 2 clusters", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cluster_that_does_not_exist_yet_is_planned_and_told_to_have_no_databases()
    {
        var (code, output, error) = await RunAsync();
        Assert.True(code == PlanCommand.Changes, output + error);
        Assert.Contains("the databases were not observed: the cluster does not exist yet", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_standby_is_planned_and_told_to_be_left_alone()
    {
        await CreateClusterAsync();
        var standby = _directory.Write("standby.yaml", PlanCommandTests.Manifest + "\n  standby: {standby_host: primary.example.org}\n");
        var (_, output, _) = await CommandLineRun.RunAsync("plan", "-f", standby, "--observed", "cluster", "--with-databases", "--kubeconfig", Kubeconfig());
        Assert.Contains("the databases were not observed: the operator looks after no roles and databases of this cluster", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_password_a_missing_primary_and_a_refused_port_are_told_by_name_and_are_no_success()
    {
        await CreateClusterAsync();
        await FailsAsync("the Secret default/postgres.acid-shop.credentials.postgresql.acid.zalan.do with the password of \"postgres\" does not exist or has no password.");
        _server.Access.Create(KubernetesKinds.Secret, new JsonObject
        {
            ["apiVersion"] = "v1", ["kind"] = "Secret",
            ["metadata"] = Metadata("postgres.acid-shop.credentials.postgresql.acid.zalan.do"),
            ["data"] = new JsonObject { ["username"] = Convert.ToBase64String("postgres"u8), ["password"] = Convert.ToBase64String("canary-52"u8) },
        });
        await FailsAsync("no pod of it is a ready primary.");
        CreatePrimary();
        await FailsAsync("User \"viewer\" cannot get resource \"pods/portforward\"");
        await FailsAsync("The way was pods/portforward of default/acid-shop-0; --database-address HOST[:PORT] names a direct one.");
        await FailsAsync("127.0.0.1:1/postgres", "--database-address", "127.0.0.1:1");
    }

    [Fact]
    public async Task Without_the_right_to_read_Secrets_the_message_names_the_right()
    {
        _server.Access.Delete(KubernetesKinds.ClusterRoleBinding, null, "secrets");
        var (code, output, error) = await RunAsync();
        Assert.Equal((ExitCodes.Failure, ""), (code, output));
        Assert.Contains("secrets is forbidden: User \"viewer\" cannot list resource \"secrets\"", error, StringComparison.Ordinal);
    }

    private async Task FailsAsync(string message, params string[] more)
    {
        var (code, output, error) = await RunAsync(more);
        Assert.Equal((ExitCodes.Failure, ""), (code, output));
        Assert.StartsWith("error: The databases of default/acid-shop cannot be read: ", error, StringComparison.Ordinal);
        Assert.True(error.Contains(message, StringComparison.Ordinal), error);
        Assert.EndsWith("Without --with-databases the rest is planned." + Environment.NewLine, error, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", error, StringComparison.Ordinal);
    }

    private async Task CreateClusterAsync()
    {
        var (_, output, _) = await CommandLineRun.RunAsync("render", "-f", _manifest);
        _server.Access.Create(KubernetesKinds.StatefulSet, KubernetesYaml.Parse(output).Single(static o => (string?)o["kind"] == "StatefulSet"));
    }

    private void CreatePrimary()
    {
        var metadata = Metadata("acid-shop-0");
        metadata["labels"]!["spilo-role"] = "master";
        var pod = _server.Access.Create(KubernetesKinds.Pod, new JsonObject
        {
            ["apiVersion"] = "v1", ["kind"] = "Pod", ["metadata"] = metadata, ["spec"] = new JsonObject { ["containers"] = new JsonArray(new JsonObject { ["name"] = "postgres", ["image"] = "spilo" }) },
        });
        pod["status"] = new JsonObject { ["phase"] = "Running", ["podIP"] = "127.0.0.1", ["conditions"] = new JsonArray(new JsonObject { ["type"] = "Ready", ["status"] = "True" }) };
        _server.Access.Update(KubernetesKinds.Pod, pod, "status");
    }

    private static JsonObject Metadata(string name) => new()
    {
        ["name"] = name, ["namespace"] = "default", ["labels"] = new JsonObject { ["application"] = "spilo", ["cluster-name"] = "acid-shop", ["team"] = "acid" },
    };

    private void Allow(string resources)
    {
        var name = resources.Split(',')[0];
        _server.Access.Create(KubernetesKinds.ClusterRole, new JsonObject
        {
            ["apiVersion"] = "rbac.authorization.k8s.io/v1", ["kind"] = "ClusterRole", ["metadata"] = new JsonObject { ["name"] = name },
            ["rules"] = new JsonArray(new JsonObject { ["apiGroups"] = new JsonArray("*"), ["resources"] = new JsonArray([.. resources.Split(',').Select(static r => (JsonNode)r)]), ["verbs"] = new JsonArray("get", "list") }),
        });
        _server.Access.Create(KubernetesKinds.ClusterRoleBinding, new JsonObject
        {
            ["apiVersion"] = "rbac.authorization.k8s.io/v1", ["kind"] = "ClusterRoleBinding", ["metadata"] = new JsonObject { ["name"] = name },
            ["roleRef"] = new JsonObject { ["apiGroup"] = "rbac.authorization.k8s.io", ["kind"] = "ClusterRole", ["name"] = name },
            ["subjects"] = new JsonArray(new JsonObject { ["kind"] = "User", ["name"] = "viewer" }),
        });
    }

    private string Kubeconfig() => _directory.Write("config", $$"""
        apiVersion: v1
        kind: Config
        clusters: [{name: c, cluster: {server: "{{_server.Url}}"} }]
        users: [{name: u, user: {token: "{{Token}}"} }]
        contexts: [{name: x, context: {cluster: c, user: u} }]
        current-context: x
        """);

    private Task<(int Code, string Output, string Error)> RunAsync(params string[] more) =>
        CommandLineRun.RunAsync(["plan", "-f", _manifest, "--observed", "cluster", "--with-databases", "--kubeconfig", Kubeconfig(), .. more]);
}
