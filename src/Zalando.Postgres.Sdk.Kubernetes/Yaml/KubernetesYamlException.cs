namespace Zalando.Postgres.Sdk.Kubernetes.Yaml;

/// <summary>A text that is not YAML, or not YAML that an API server would take. The message says where and what to do.</summary>
public sealed class KubernetesYamlException : FormatException
{
    /// <summary>A failure at a place.</summary>
    /// <param name="position">Where.</param>
    /// <param name="path">Field path as far as it is known, for example <c>spec.users</c>; empty at the root.</param>
    /// <param name="problem">What is wrong.</param>
    /// <param name="innerException">The cause, if any.</param>
    public KubernetesYamlException(YamlPosition position, string path, string problem, Exception? innerException = null)
        : base(path.Length == 0 ? $"{position}: {problem}" : $"{position}: {path}: {problem}", innerException)
    {
        Position = position;
        Path = path;
        Problem = problem;
    }

    /// <summary>Where.</summary>
    public YamlPosition Position { get; }

    /// <summary>Field path; empty at the root.</summary>
    public string Path { get; }

    /// <summary>What is wrong, without the place.</summary>
    public string Problem { get; }
}
