namespace Zalando.Postgres.Cli.Validate;

/// <summary>How findings are printed.</summary>
public enum ValidationFormat
{
    /// <summary>One line per finding, as compilers print them.</summary>
    Text,

    /// <summary>One JSON document.</summary>
    Json,

    /// <summary>SARIF 2.1.0, which code review tools read.</summary>
    Sarif,
}
