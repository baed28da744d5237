using System.Diagnostics;
using System.Globalization;

namespace Zalando.Postgres.Sdk.Sandbox.Tests;

public sealed class KilledSandboxTests
{
    [Fact]
    public async Task No_process_survives_a_sandbox_that_is_killed()
    {
        TestPods.SkipWithoutPrograms();
        var cancellation = TestContext.Current.CancellationToken;
        var directory = Path.Combine(Path.GetTempPath(), "pgs-killed-" + Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        try
        {
            using var host = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, ["sandbox", directory]) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true })!;
            var line = await host.StandardOutput.ReadLineAsync(cancellation);
            Assert.NotNull(line);
            var processes = line.Split(' ').Select(id => int.Parse(id, CultureInfo.InvariantCulture)).ToList();
            Assert.Contains(processes, id => File.ReadAllText($"/proc/{id}/cmdline").Contains("patroni", StringComparison.Ordinal));
            Assert.Contains(processes, id => File.ReadAllText($"/proc/{id}/cmdline").Contains("/bin/postgres", StringComparison.Ordinal));

            host.Kill();
            await host.WaitForExitAsync(cancellation);
            Assert.Empty(await Processes.LeftAfterAsync(processes, TimeSpan.FromSeconds(30), cancellation));
        }
        finally
        {
            if (Directory.Exists(directory)) Directory.Delete(directory, recursive: true);
        }
    }
}
