using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Zalando.Postgres.Operator.Tests;

/// <summary>The built program, as a process of its own.</summary>
internal sealed class OperatorProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly Process _process;
    private readonly StringBuilder _output = new();

    private OperatorProcess(Process process, int port)
    {
        _process = process;
        HealthPort = port;
        process.OutputDataReceived += (_, line) => Note(line.Data);
        process.ErrorDataReceived += (_, line) => Note(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public int HealthPort { get; }

    public bool HasExited => _process.HasExited;

    /// <summary>Everything it wrote so far.</summary>
    public string Output
    {
        get { lock (_output) return _output.ToString(); }
    }

    /// <summary>Starts the operator.</summary>
    public static OperatorProcess Start(IReadOnlyDictionary<string, string> settings, params string[] arguments)
    {
        var port = FreePort();
        return new OperatorProcess(Begin(settings, port, arguments), port);
    }

    /// <summary>Runs the program to its end.</summary>
    public static async Task<(int Code, string Output)> RunAsync(IReadOnlyDictionary<string, string> settings, params string[] arguments)
    {
        await using var run = Start(settings, arguments);
        var code = await run.WaitForExitAsync();
        return (code, run.Output);
    }

    /// <summary>Asks it for its health with the program's own probe.</summary>
    public async Task<int> ProbeAsync(string what)
    {
        using var probe = Begin(new Dictionary<string, string>(StringComparer.Ordinal), HealthPort, ["probe", what]);
        using var limit = Limit();
        await Task.WhenAll(probe.StandardOutput.ReadToEndAsync(limit.Token), probe.StandardError.ReadToEndAsync(limit.Token), probe.WaitForExitAsync(limit.Token));
        return probe.ExitCode;
    }

    /// <summary>Asks it to end, as a kubelet does.</summary>
    public void Terminate()
    {
        // A minimal Debian has no program kill; every shell has it built in.
        using var kill = Process.Start("/bin/sh", ["-c", $"kill -TERM {_process.Id.ToString(CultureInfo.InvariantCulture)}"]);
        kill.WaitForExit();
    }

    public void Kill() => _process.Kill();

    public async Task<int> WaitForExitAsync()
    {
        using var limit = Limit();
        await _process.WaitForExitAsync(limit.Token);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
    }

    private static Process Begin(IReadOnlyDictionary<string, string> settings, int port, IEnumerable<string> arguments)
    {
        // .../tests/<project>/bin/<configuration>/<framework>/
        var binary = new DirectoryInfo(AppContext.BaseDirectory);
        var root = binary.Parent!.Parent!.Parent!.Parent!.Parent!.FullName;
        var program = Path.Combine(root, "src", "Zalando.Postgres.Operator", "bin", binary.Parent.Name, binary.Name, "Zalando.Postgres.Operator");
        var start = new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        // Nothing of this machine's Kubernetes, if it has one.
        foreach (var name in new[] { "KUBERNETES_SERVICE_HOST", "KUBECONFIG", "OPERATOR_NAMESPACE", "WATCHED_NAMESPACE" }) start.Environment.Remove(name);
        start.Environment["HOME"] = AppContext.BaseDirectory;
        start.Environment["HEALTH_PORT"] = port.ToString(CultureInfo.InvariantCulture);
        foreach (var (name, value) in settings) start.Environment[name] = value;
        return Process.Start(start)!;
    }

    private static CancellationTokenSource Limit()
    {
        var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Patience);
        return limit;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private void Note(string? line)
    {
        lock (_output) _output.AppendLine(line);
    }
}
