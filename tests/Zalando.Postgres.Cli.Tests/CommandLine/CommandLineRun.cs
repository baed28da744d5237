using Zalando.Postgres.Cli.CommandLine;

namespace Zalando.Postgres.Cli.Tests.CommandLine;

/// <summary>Runs the program inside the test process.</summary>
internal static class CommandLineRun
{
    internal static async Task<(int Code, string Output, string Error)> RunAsync(params string[] args)
    {
        await using var output = new StringWriter();
        await using var error = new StringWriter();
        var code = await CommandLineProgram.RunAsync(args, output, error, TestContext.Current.CancellationToken);
        return (code, output.ToString(), error.ToString());
    }
}
