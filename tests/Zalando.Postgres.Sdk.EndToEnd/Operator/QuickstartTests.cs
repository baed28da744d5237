using System.Diagnostics;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Sandbox;

namespace Zalando.Postgres.Sdk.EndToEnd.Operator;

/// <summary>The README's first command, as a program.</summary>
public sealed class QuickstartTests
{
    [Fact]
    public async Task Once_creates_a_cluster_verifies_it_and_ends_with_zero()
    {
        if (SandboxPrograms.Find().Missing is { Count: > 0 } missing) Assert.Skip("this machine lacks " + string.Join("; ", missing));
        var (code, output, error) = await RunAsync("--once", "-o", "json");
        Assert.True(code == 0, output + error);
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonNode.Parse(l)!).ToList();
        var ready = Assert.Single(lines, l => (string?)l["type"] == "ready");
        Assert.StartsWith("127.", (string?)ready["primary"], StringComparison.Ordinal);
        Assert.StartsWith("127.", (string?)ready["replica"], StringComparison.Ordinal);
        Assert.False(File.Exists((string?)ready["kubeconfig"]), "everything is removed at the end");
        Console.WriteLine($"measured: quickstart --once was ready after {ready["seconds"]} s");
    }

    [Fact]
    public async Task It_settles_and_an_interrupt_ends_it_and_removes_everything()
    {
        if (SandboxPrograms.Find().Missing is { Count: > 0 } missing) Assert.Skip("this machine lacks " + string.Join("; ", missing));
        using var limit = Limit();
        using var process = Process.Start(Program("-o", "json"))!;
        try
        {
            var lines = new List<JsonNode>();
            while (lines.LastOrDefault()?["type"]?.ToString() != "ready")
                lines.Add(JsonNode.Parse(await process.StandardOutput.ReadLineAsync(limit.Token) ?? throw new InvalidOperationException("it ended: " + string.Join('\n', lines)))!);
            var rest = process.StandardOutput.ReadToEndAsync(limit.Token);
            var kubeconfig = (string)lines[^1]["kubeconfig"]!;
            await KubectlAsync(kubeconfig, limit.Token, "wait", "postgresql/acid-minimal-cluster", "--for=condition=Progressing=false", "--timeout=120s");
            var cluster = JsonNode.Parse(await KubectlAsync(kubeconfig, limit.Token, "get", "postgresql/acid-minimal-cluster", "-o", "json"))!;
            Assert.Equal("Running", (string?)cluster["status"]!["PostgresClusterStatus"]);
            Assert.DoesNotContain(cluster["status"]!["conditions"]!.AsArray(), c => (string?)c!["type"] == "Degraded" && (string?)c["status"] == "True");
            // A minimal Debian has no program kill; every shell has it built in.
            using (var interrupt = Process.Start("/bin/sh", ["-c", $"kill -INT {process.Id}"])) await interrupt.WaitForExitAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            var output = string.Join('\n', lines) + await rest;
            Assert.Equal(0, process.ExitCode);
            Assert.Contains("every process has ended and the data is removed", output, StringComparison.Ordinal);
            Assert.DoesNotContain(" failed", output, StringComparison.Ordinal);
            Assert.False(Directory.Exists(Path.GetDirectoryName(kubeconfig)), "everything is removed at the end");
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }

    [Fact]
    public async Task A_manifest_that_is_no_manifest_is_refused_with_file_and_reason()
    {
        if (SandboxPrograms.Find().Missing is { Count: > 0 } missing) Assert.Skip("this machine lacks " + string.Join("; ", missing));
        var file = Path.Combine(AppContext.BaseDirectory, "not-a-manifest.yaml");
        await File.WriteAllTextAsync(file, "kind: postgresql\n  name: [", TestContext.Current.CancellationToken);
        var (code, output, _) = await RunAsync("--once", "--manifest", file);
        Assert.Equal(1, code);
        Assert.Contains(file, output, StringComparison.Ordinal);
        Assert.Contains("YAML", output, StringComparison.Ordinal);
    }

    private static async Task<string> KubectlAsync(string kubeconfig, CancellationToken cancellationToken, params string[] arguments)
    {
        var start = new ProcessStartInfo("kubectl", ["--kubeconfig", kubeconfig, .. arguments]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        using var kubectl = Process.Start(start)!;
        var output = kubectl.StandardOutput.ReadToEndAsync(cancellationToken);
        var error = kubectl.StandardError.ReadToEndAsync(cancellationToken);
        await kubectl.WaitForExitAsync(cancellationToken);
        Assert.True(kubectl.ExitCode == 0, $"kubectl {string.Join(' ', arguments)}: {await error}");
        return await output;
    }

    private static CancellationTokenSource Limit()
    {
        var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromMinutes(4));
        return limit;
    }

    private static ProcessStartInfo Program(params string[] arguments)
    {
        // .../tests/<project>/bin/<configuration>/<framework>/
        var binary = new DirectoryInfo(AppContext.BaseDirectory);
        var configuration = binary.Parent!.Name;
        var root = binary.Parent.Parent!.Parent!.Parent!.Parent!.FullName;
        var program = Path.Combine(root, "samples", "Quickstart", "bin", configuration, binary.Name, "Quickstart");
        Assert.True(File.Exists(program), $"{program} is missing: build samples/Quickstart first");
        // A shell without job control lets what runs in the background ignore Ctrl-C, and every child of that with it, these tests among them.
        const string listening = "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); os.execv(sys.argv[1], sys.argv[1:])";
        return new ProcessStartInfo("python3", ["-c", listening, program, .. arguments]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        using var process = Process.Start(Program(arguments))!;
        using var limit = Limit();
        var output = process.StandardOutput.ReadToEndAsync(limit.Token);
        var error = process.StandardError.ReadToEndAsync(limit.Token);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        return (process.ExitCode, await output, await error);
    }
}
