namespace Zalando.Postgres.Cli.Crds;

/// <summary>How definitions are printed.</summary>
public enum CrdFormat
{
    /// <summary>YAML documents.</summary>
    Yaml,

    /// <summary>One JSON list.</summary>
    Json,
}
