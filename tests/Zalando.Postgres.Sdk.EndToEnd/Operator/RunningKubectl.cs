using System.Diagnostics;

namespace Zalando.Postgres.Sdk.EndToEnd.Operator;

/// <summary>A kubectl that goes on until it is disposed.</summary>
internal sealed class RunningKubectl(Process process) : IAsyncDisposable
{
    /// <summary>The next line of its output.</summary>
    public async Task<string> ReadLineAsync(CancellationToken cancellationToken) =>
        await process.StandardOutput.ReadLineAsync(cancellationToken) ?? throw new InvalidOperationException($"kubectl has ended: {await process.StandardError.ReadToEndAsync(cancellationToken)}");

    /// <summary>How it has ended; says so when it has not.</summary>
    public async Task<string> EndAsync(CancellationToken cancellationToken) =>
        process.HasExited ? $"kubectl has ended with {process.ExitCode}: {await process.StandardError.ReadToEndAsync(cancellationToken)}" : "kubectl still runs";

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited) process.Kill();
        await process.WaitForExitAsync(CancellationToken.None);
        process.Dispose();
    }
}
