namespace Zalando.Postgres.Sdk.Kubernetes.Yaml;

/// <summary>Limits for reading YAML that somebody else wrote.</summary>
public sealed record KubernetesYamlOptions
{
    /// <summary>The usual limits.</summary>
    public static KubernetesYamlOptions Default { get; } = new();

    /// <summary>Characters of the text; more is an error. <value>16 Mi</value> (an API server takes 3 MiB per object; a file may hold many)</summary>
    public int MaximumLength { get; init; } = 16 * 1024 * 1024;

    /// <summary>How deep mappings and lists may be nested. <value>100</value></summary>
    public int MaximumDepth { get; init; } = 100;

    /// <summary>How many values all aliases of a text may copy together, against "billion laughs". <value>100,000</value></summary>
    public int MaximumAliasedNodes { get; init; } = 100_000;

    /// <summary>Whether to note the place of each field, see <see cref="KubernetesYamlDocument.PositionOf"/>. <value>true</value></summary>
    public bool TrackPositions { get; init; } = true;
}
