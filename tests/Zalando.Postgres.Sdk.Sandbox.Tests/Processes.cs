using System.Diagnostics;

namespace Zalando.Postgres.Sdk.Sandbox.Tests;

/// <summary>Waits for processes that are not our children.</summary>
internal static class Processes
{
    public static async Task<IReadOnlyList<int>> LeftAfterAsync(IReadOnlyList<int> ids, TimeSpan limit, CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        end.CancelAfter(limit);
        foreach (var id in ids)
        {
            try
            {
                using var process = Process.GetProcessById(id);
                await process.WaitForExitAsync(end.Token);
            }
            catch (ArgumentException)
            {
                // Gone already.
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                break;
            }
        }

        return [.. ids.Where(id => Directory.Exists($"/proc/{id}"))];
    }
}
