using System.Text;
using Zalando.Postgres.Cli.CommandLine;
using Zalando.Postgres.Cli.Tests.CommandLine;
using Zalando.Postgres.Sdk.Kubernetes.Client;
using Zalando.Postgres.Sdk.Kubernetes.Configuration;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Cli.Tests.ApiServer;

public sealed class ApiServerCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("--listen", "nowhere", "is no ADDRESS:PORT")]
    [InlineData("--authorization", "abac", "neither rbac nor always-allow")]
    [InlineData("--controllers", "statefulset,nosuch", "\"nosuch\" is no controller")]
    [InlineData("--anonymous-auth", "maybe", "maybe")]
    [InlineData("--lisen", "127.0.0.1:0", "--lisen")]
    [InlineData("--tls-cert-file", "/does/not/exist", "belong together")]
    public async Task A_mistyped_flag_is_named_and_ends_with_the_usage_code(string flag, string value, string expected)
    {
        var (code, output, error) = await CommandLineRun.RunAsync("apiserver", flag, value);

        Assert.Equal(ExitCodes.Usage, code);
        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.DoesNotContain("http://", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--token-auth-file", "tokens", "alice-secret", "line 1")]
    [InlineData("--state", "state", "kind: [", "no YAML")]
    [InlineData("--client-ca-file", "ca", "nothing", "certificates in PEM")]
    public async Task A_file_that_cannot_be_read_is_named_without_its_secrets(string flag, string name, string content, string expected)
    {
        var file = Path.Combine(_folder, name);
        await File.WriteAllTextAsync(file, content, TestContext.Current.CancellationToken);

        var (code, _, error) = await CommandLineRun.RunAsync("apiserver", flag, file);
        var (missing, _, why) = await CommandLineRun.RunAsync("apiserver", "--token-auth-file", file + ".not");

        Assert.NotEqual(ExitCodes.Success, code);
        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error, StringComparison.Ordinal);
        Assert.Equal(ExitCodes.Failure, missing);
        Assert.Contains(file + ".not", why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_server_prints_its_address_serves_its_kubeconfig_and_saves_its_state_when_it_is_ended()
    {
        var kubeconfig = Path.Combine(_folder, "kubeconfig");
        var state = Path.Combine(_folder, "state.yaml");
        var tokens = Path.Combine(_folder, "tokens");
        await File.WriteAllTextAsync(tokens, "s3cret,alice,1,\"system:masters,developers\"\n", TestContext.Current.CancellationToken);
        string[] args = ["apiserver", "--kubeconfig", kubeconfig, "--state", state, "--token-auth-file", tokens, "--authorization", "rbac", "--anonymous-auth", "false", "--tls", "--controllers", "none"];

        string? uid = null;
        await RunAsync(args, async address =>
        {
            Assert.StartsWith("https://127.0.0.1:", address, StringComparison.Ordinal);
            using var client = new KubernetesClient(KubernetesClientConfiguration.FromKubeconfigFile(kubeconfig));
            var made = await client.CreateAsync(new ConfigMap { Metadata = new ObjectMeta { Name = "kept", Namespace = "default" } }, null, TestContext.Current.CancellationToken);
            uid = made.Metadata?.Uid;
        });
        await RunAsync(args, async _ =>
        {
            using var client = new KubernetesClient(KubernetesClientConfiguration.FromKubeconfigFile(kubeconfig));
            var found = await client.GetAsync<ConfigMap>("default", "kept", TestContext.Current.CancellationToken);
            Assert.Equal(uid, found?.Metadata?.Uid);
        });

        Assert.NotNull(uid);
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(kubeconfig));
    }

    private static async Task RunAsync(string[] args, Func<string, Task> use)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        await using var output = new FirstLine();
        await using var error = new StringWriter();
        var running = CommandLineProgram.RunAsync(args, output, error, stop.Token);
        var first = await Task.WhenAny(output.Line, running);
        Assert.True(first == output.Line, error.ToString());
        try
        {
            await use(await output.Line);
        }
        finally
        {
            await stop.CancelAsync();
            Assert.Equal(ExitCodes.Success, await running);
        }
    }

    /// <summary>Hands over the first line that is written.</summary>
    private sealed class FirstLine : TextWriter
    {
        private readonly TaskCompletionSource<string> _line = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<string> Line => _line.Task;

        public override Encoding Encoding => Encoding.UTF8;

        public override Task WriteLineAsync(string? value)
        {
            _line.TrySetResult(value ?? "");
            return Task.CompletedTask;
        }

        public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
