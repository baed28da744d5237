using System.Diagnostics;

namespace Zalando.Postgres.Sdk.EndToEnd.Operator;

/// <summary>The operator as a process of its own, which can be killed at any moment as a node does it: without a word.</summary>
internal sealed class OperatorProgram : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Task<string> _output;
    private readonly Task<string> _error;

    private OperatorProgram(Process process)
    {
        _process = process;
        _output = process.StandardOutput.ReadToEndAsync();
        _error = process.StandardError.ReadToEndAsync();
    }

    /// <summary>Starts the built program against a sandbox.</summary>
    public static OperatorProgram Start(string kubeconfig, string configMap)
    {
        // .../tests/<project>/bin/<configuration>/<framework>/
        var binary = new DirectoryInfo(AppContext.BaseDirectory);
        var root = binary.Parent!.Parent!.Parent!.Parent!.Parent!.FullName;
        var program = Path.Combine(root, "src", "Zalando.Postgres.Operator", "bin", binary.Parent.Name, binary.Name, "Zalando.Postgres.Operator");
        Assert.True(File.Exists(program), $"{program} is missing: build src/Zalando.Postgres.Operator first");
        using var port = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        port.Start();
        var health = ((System.Net.IPEndPoint)port.LocalEndpoint).Port;
        port.Stop();
        var start = new ProcessStartInfo(program) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var name in new[] { "KUBERNETES_SERVICE_HOST", "OPERATOR_NAMESPACE", "POSTGRES_OPERATOR_CONFIGURATION_OBJECT" }) start.Environment.Remove(name);
        start.Environment["KUBECONFIG"] = kubeconfig;
        start.Environment["CONFIG_MAP_NAME"] = configMap;
        start.Environment["WATCHED_NAMESPACE"] = "*";
        start.Environment["LEADER_ELECTION"] = "false";
        start.Environment["HEALTH_PORT"] = $"{health}";
        return new OperatorProgram(Process.Start(start)!);
    }

    /// <summary>Whether it has ended.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>Kills it. Safe to call from the thread of the API server, in the middle of one of its calls.</summary>
    public void Kill() => _process.Kill();

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
        // Whatever ends it but a test is worth to be known.
        const int Killed = 128 + 9;
        if (_process.ExitCode != Killed || TestContext.Current.TestState?.Result == TestResult.Failed) Console.WriteLine(await _output + await _error);
        _process.Dispose();
    }
}
