namespace Zalando.Postgres.Cli.CommandLine;

/// <summary>Exit codes of all commands.</summary>
public static class ExitCodes
{
    /// <summary>Done, and nothing to complain about.</summary>
    public const int Success = 0;

    /// <summary>The command failed, or found errors in what it looked at.</summary>
    public const int Failure = 1;

    /// <summary>The command line is wrong. The same as <see cref="Failure"/>, because 2 and 3 are answers of <c>plan</c> and <c>diff</c>.</summary>
    public const int Usage = Failure;

    /// <summary>Ended by Ctrl-C or SIGTERM.</summary>
    public const int Interrupted = 130;
}
