using System.CommandLine;
using System.CommandLine.Parsing;
using Zalando.Postgres.Sdk.Kubernetes.Client;
using Zalando.Postgres.Sdk.Kubernetes.Configuration;
using Zalando.Postgres.Sdk.Resources.Configuration;

namespace Zalando.Postgres.Cli.CommandLine;

/// <summary>Runs one command line. Results go to the output, everything else to the error stream; see <see cref="ExitCodes"/>.</summary>
public static class CommandLineProgram
{
    /// <summary>Runs <c>kubectl-pg</c>.</summary>
    /// <param name="args">Arguments without the program's name.</param>
    /// <param name="output">Where results go.</param>
    /// <param name="error">Where errors and progress go.</param>
    /// <param name="cancellationToken">Ends the command as Ctrl-C does.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> args, TextWriter output, TextWriter error, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(error);
        var root = new RootCommand("Operate PostgreSQL clusters on Kubernetes.");
        foreach (var command in CliCommands.CreateAll()) root.Subcommands.Add(command);
        var parsed = root.Parse(args);
        var faults = parsed is { Errors.Count: > 0, Action: System.CommandLine.Invocation.ParseErrorAction } ? parsed.Errors.Select(static e => e.Message) : [];
        faults = [.. MistypedOptions(parsed), .. faults];
        if (faults.Any())
        {
            // The output is for results: a wrong command line is told in a few words on the error stream.
            foreach (var fault in faults) await error.WriteLineAsync($"error: {fault}").ConfigureAwait(false);
            await error.WriteLineAsync($"See: {Path(parsed.CommandResult.Command)} --help").ConfigureAwait(false);
            return ExitCodes.Usage;
        }

        // Ctrl-C and SIGTERM cancel the token of the running command, which then has this long to clean up.
        var configuration = new InvocationConfiguration
        {
            Output = output, Error = error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeSpan.FromSeconds(30),
        };
        try
        {
            var code = await parsed.InvokeAsync(configuration, cancellationToken).ConfigureAwait(false);
            return parsed.Errors.Count > 0 ? ExitCodes.Usage : code;
        }
        catch (OperationCanceledException)
        {
            return ExitCodes.Interrupted;
        }
        catch (Exception exception) when (IsExpected(exception))
        {
            await error.WriteLineAsync($"error: {exception.Message}").ConfigureAwait(false);
            return exception is CommandException { ExitCode: var code } ? code : ExitCodes.Failure;
        }
    }

    // An option that does not exist would be taken for the name of a cluster.
    private static IEnumerable<string> MistypedOptions(ParseResult parsed) => parsed.Tokens.Any(static t => t.Type == TokenType.DoubleDash) ? [] : parsed.CommandResult.Children
        .OfType<ArgumentResult>().SelectMany(static a => a.Tokens).Where(static t => t.Value is ['-', _, ..]).Select(static t => $"There is no option \"{t.Value}\".");

    private static string Path(Command command) => command.Parents.OfType<Command>().FirstOrDefault() is { } parent ? $"{Path(parent)} {command.Name}" : "kubectl-pg";

    // Broken worlds, told in one line. Anything else is a defect of this program and keeps its stack trace.
    private static bool IsExpected(Exception exception) =>
        exception is CommandException or KubernetesApiException or KubernetesConfigurationException or InvalidOperatorConfigurationException or IOException or UnauthorizedAccessException or HttpRequestException or TimeoutException;
}
