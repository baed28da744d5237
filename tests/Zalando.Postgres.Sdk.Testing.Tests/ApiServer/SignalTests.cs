using System.Diagnostics;
using System.Net;

namespace Zalando.Postgres.Sdk.Testing.Tests.ApiServer;

/// <summary>Signals belong to the program that the server is a part of. The usual lifetime of a web host would take them.</summary>
public sealed class SignalTests
{
    [Theory]
    [InlineData("INT", 130)]
    [InlineData("TERM", 143)]
    public async Task A_signal_ends_a_program_that_does_not_care_as_if_there_were_no_server(string signal, int code)
    {
        SkipWhereIgnored(signal);
        using var limit = Limit();
        using var process = Start();
        try
        {
            Assert.StartsWith("http://127.", await process.StandardOutput.ReadLineAsync(limit.Token), StringComparison.Ordinal);
            await SendAsync(process, signal, limit.Token);
            await process.WaitForExitAsync(limit.Token);
            Assert.Equal(code, process.ExitCode);
        }
        finally
        {
            if (!process.HasExited) process.Kill();
        }
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task A_program_that_decides_itself_is_not_ended_and_its_server_goes_on(string signal)
    {
        SkipWhereIgnored(signal);
        using var limit = Limit();
        using var process = Start("decides");
        try
        {
            var url = new Uri((await process.StandardOutput.ReadLineAsync(limit.Token))!);
            await SendAsync(process, signal, limit.Token);
            Assert.Equal("SIG" + signal, await process.StandardOutput.ReadLineAsync(limit.Token));
            for (var i = 0; i < 20; i++)
            {
                // A new connection each time.
                using var client = new HttpClient(new SocketsHttpHandler());
                using var answer = await client.GetAsync(new Uri(url, "version"), limit.Token);
                Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            }

            Assert.False(process.HasExited);
            await process.StandardInput.WriteLineAsync("that is all".AsMemory(), limit.Token);
            await process.WaitForExitAsync(limit.Token);
            Assert.Equal(7, process.ExitCode);
        }
        finally
        {
            if (!process.HasExited) process.Kill();
        }
    }

    // A shell without job control lets what it starts in the background ignore Ctrl-C, and all children of that, too.
    private static void SkipWhereIgnored(string signal)
    {
        const string status = "/proc/self/status";
        if (signal != "INT" || !File.Exists(status)) return;
        var ignored = Convert.ToUInt64(File.ReadLines(status).First(l => l.StartsWith("SigIgn:", StringComparison.Ordinal))[7..].Trim(), 16);
        if ((ignored & 2) != 0) Assert.Skip("These tests run in the background, where Ctrl-C is ignored.");
    }

    private static CancellationTokenSource Limit()
    {
        var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        return limit;
    }

    // Built with these tests, and beside them.
    private static Process Start(params string[] arguments)
    {
        if (OperatingSystem.IsWindows()) Assert.Skip("Windows has no such signals.");
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        var program = Path.Combine(folder.Parent!.Parent!.Parent!.Parent!.FullName, "SignalProbe", "bin", folder.Parent.Name, folder.Name, "SignalProbe.dll");
        Assert.True(File.Exists(program), $"{program} is not built.");
        return Process.Start(new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [program, .. arguments])
        {
            UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardInput = true,
        })!;
    }

    // A minimal Debian has no program kill; every shell has it built in.
    private static async Task SendAsync(Process process, string signal, CancellationToken cancellationToken)
    {
        using var kill = Process.Start("/bin/sh", ["-c", $"kill -{signal} {process.Id}"]);
        await kill.WaitForExitAsync(cancellationToken);
    }
}
