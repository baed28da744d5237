namespace Zalando.Postgres.Cli.CommandLine;

/// <summary>A command cannot do what it was asked; the message is for the person at the keyboard.</summary>
public sealed class CommandException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What is wrong and what to do.</param>
    /// <param name="exitCode">One of <see cref="ExitCodes"/>.</param>
    public CommandException(string message, int exitCode = ExitCodes.Failure)
        : base(message) => ExitCode = exitCode;

    /// <summary>Exit code of the program.</summary>
    public int ExitCode { get; }
}
