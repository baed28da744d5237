using System.Diagnostics;

namespace Zalando.Postgres.Sdk.EndToEnd.Operator;

/// <summary>The kubectl of this machine, run against the sandbox.</summary>
internal sealed class KubectlProgram(string kubeconfig)
{
    public async Task<string> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        using var process = Begin(arguments);
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var error = process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        Assert.True(process.ExitCode == 0, $"kubectl {string.Join(' ', arguments)} ended with {process.ExitCode}: {await error}");
        return await output;
    }

    /// <summary>Starts a command that goes on until it is disposed.</summary>
    public RunningKubectl Start(IReadOnlyList<string> arguments) => new(Begin(arguments));

    private Process Begin(IReadOnlyList<string> arguments)
    {
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(p => Path.Combine(p, "kubectl")).FirstOrDefault(File.Exists);
        if (path is null) Assert.Skip("this machine has no kubectl (Debian package kubernetes-client)");
        var start = new ProcessStartInfo(path) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true, Environment = { ["KUBECONFIG"] = kubeconfig } };
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }
}
