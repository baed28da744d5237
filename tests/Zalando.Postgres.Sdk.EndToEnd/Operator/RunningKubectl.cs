using System.Diagnostics;

namespace Zalando.Postgres.Sdk.EndToEnd.Operator;

/// <summary>A kubectl that goes on until it is disposed.</summary>
internal sealed class RunningKubectl(Process process) : IAsyncDisposable
{
    /// <summary>The next line of its output.</summary>
    public async Task<string> ReadLineAsync(CancellationToken cancellationToken) =>
        await process.StandardOutput.ReadLineAsync(cancellationToken) ?? throw new InvalidOperationException($"kubectl has ended: {await process.StandardError.ReadToEndAsync(cancellationToken)}");

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited) process.Kill();
        await process.WaitForExitAsync(CancellationToken.None);
        process.Dispose();
    }
}
