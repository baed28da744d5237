using System.CommandLine;
using System.Text.Json.Nodes;
using Zalando.Postgres.Cli.CommandLine;

namespace Zalando.Postgres.Cli.Version;

/// <summary><c>kubectl-pg version</c>: the version of this program.</summary>
public static class VersionCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var format = CommonOptions.Output();
        var command = new Command("version", "Print the version of this program.") { format };
        command.SetAction((parsed, _) => RunAsync(parsed.GetValue(format), parsed.InvocationConfiguration.Output));
        return command;
    }

    private static async Task<int> RunAsync(OutputFormat format, TextWriter output)
    {
        var version = typeof(VersionCommand).Assembly.GetName().Version?.ToString(3) ?? "unknown";
        await output.WriteLineAsync(format == OutputFormat.Json ? JsonText.Write(new JsonObject { ["version"] = version }) : version).ConfigureAwait(false);
        return ExitCodes.Success;
    }
}
