namespace Zalando.Postgres.Cli.CommandLine;

/// <summary>How a command prints its result.</summary>
public enum OutputFormat
{
    /// <summary>For people.</summary>
    Text,

    /// <summary>One JSON document.</summary>
    Json,
}
