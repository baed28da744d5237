using System.Diagnostics;
using System.Text.RegularExpressions;
using Zalando.Postgres.Sdk.Testing.ApiServer;
using Zalando.Postgres.Sdk.Testing.Controllers;

namespace Zalando.Postgres.Sdk.Conformance.Clients;

/// <summary>One kubectl against a server of its own, with a home directory of its own (kubectl remembers discovery there).</summary>
internal sealed partial class Kubectl : IAsyncDisposable
{
    /// <summary>The kubectl of the machine, or what <c>KUBECTL</c> names.</summary>
    public const string OfTheMachine = "of the machine";

    /// <summary>Debian 12's, 1.20: <c>eng/tools/kubectl-1.20</c> fetches it, <c>KUBECTL_1_20</c> names another one.</summary>
    public const string OfDebian = "of Debian 12";

    private readonly string _program;
    private readonly string _home;

    private Kubectl(string program, string home, InMemoryApiServer server, int minor)
    {
        _program = program;
        _home = home;
        Server = server;
        Minor = minor;
    }

    public InMemoryApiServer Server { get; }

    /// <summary>The second number of its version.</summary>
    public int Minor { get; }

    public static async Task<Kubectl> StartAsync(string which, CancellationToken cancellationToken)
    {
        var program = Find(which);
        var version = await ForeignProgram.RunAsync(ForeignProgram.Start(program, ["version", "--client"], []), null, cancellationToken);
        var server = await InMemoryApiServer.StartAsync(new ApiServerOptions { SimulatedNode = new SimulatedNodeOptions(), PodRuntime = new EchoRuntime() }, cancellationToken);
        var home = Directory.CreateTempSubdirectory("kubectl").FullName;
        await server.WriteKubeconfigAsync(Path.Combine(home, "kubeconfig"), cancellationToken);
        var kubectl = new Kubectl(program, home, server, int.Parse(MinorVersion().Match(version.Output).Groups["minor"].Value, System.Globalization.CultureInfo.InvariantCulture));
        // Pods need the account, and a controller makes it.
        while (server.Access.Get(Resources.Kubernetes.KubernetesKinds.ServiceAccount, "default", "default") is null)
        {
            cancellationToken.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        return kubectl;
    }

    /// <summary>Runs a command that must succeed; answers what it printed.</summary>
    public async Task<string> RunAsync(params string[] arguments) => (await SucceedAsync(arguments, null)).Output.TrimEnd();

    public async Task<string> RunWithInputAsync(string input, params string[] arguments) => (await SucceedAsync(arguments, input)).Output.TrimEnd();

    /// <summary>Runs a command that must fail; answers what it complained about.</summary>
    public async Task<string> FailAsync(params string[] arguments)
    {
        var result = await ResultAsync(arguments, null);
        Assert.True(result.Code != 0, $"kubectl {string.Join(' ', arguments)} should have failed:\n{result.Output}{result.Errors}");
        return result.Errors.TrimEnd();
    }

    public Task<ProgramResult> ResultAsync(IEnumerable<string> arguments, string? input, params (string Name, string Value)[] environment) =>
        ForeignProgram.RunAsync(StartInfo(arguments, environment), input, TestContext.Current.CancellationToken);

    /// <summary>Starts a command that goes on by itself; answers its lines. Ending the enumeration ends it.</summary>
    public async IAsyncEnumerable<string> FollowAsync(params string[] arguments)
    {
        using var process = Process.Start(StartInfo(arguments, []))!;
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(TimeSpan.FromMinutes(1));
        try
        {
            while (await process.StandardOutput.ReadLineAsync(deadline.Token) is { } line) yield return line;
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }

    /// <summary>Writes a file that commands can name; answers its path.</summary>
    public async Task<string> FileAsync(string name, string text)
    {
        var path = Path.Combine(_home, name);
        await File.WriteAllTextAsync(path, text, TestContext.Current.CancellationToken);
        return path;
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        Directory.Delete(_home, recursive: true);
    }

    private static string Find(string which)
    {
        if (which == OfTheMachine)
        {
            var program = Environment.GetEnvironmentVariable("KUBECTL") is { Length: > 0 } named ? named : ForeignProgram.Find("kubectl");
            if (program is null) Assert.Skip("this machine has no kubectl; install one, or name it with KUBECTL");
            return program;
        }

        var cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } set ? set : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        var old = Environment.GetEnvironmentVariable("KUBECTL_1_20") is { Length: > 0 } path ? path : Path.Combine(cache, "zalando-postgres-sdk", "kubectl-1.20", "kubectl");
        if (!File.Exists(old)) Assert.Skip($"there is no kubectl 1.20 as {old}; run eng/tools/kubectl-1.20, or name one with KUBECTL_1_20");
        return old;
    }

    private async Task<ProgramResult> SucceedAsync(string[] arguments, string? input)
    {
        var result = await ResultAsync(arguments, input);
        Assert.True(result.Code == 0, $"kubectl {string.Join(' ', arguments)} {result}");
        return result;
    }

    private ProcessStartInfo StartInfo(IEnumerable<string> arguments, (string Name, string Value)[] environment) =>
        ForeignProgram.Start(_program, arguments, [("HOME", _home), ("KUBECONFIG", Path.Combine(_home, "kubeconfig")), ("NO_COLOR", "1"), ("TERM", "dumb"), .. environment]);

    [GeneratedRegex("""(GitVersion:"|Client Version: )v1\.(?<minor>[0-9]+)""", RegexOptions.ExplicitCapture)]
    private static partial Regex MinorVersion();
}
