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

    private static async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        // .../tests/<project>/bin/<configuration>/<framework>/
        var binary = new DirectoryInfo(AppContext.BaseDirectory);
        var configuration = binary.Parent!.Name;
        var root = binary.Parent.Parent!.Parent!.Parent!.Parent!.FullName;
        var program = Path.Combine(root, "samples", "Quickstart", "bin", configuration, binary.Name, "Quickstart");
        Assert.True(File.Exists(program), $"{program} is missing: build samples/Quickstart first");
        var start = new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromMinutes(4));
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
