namespace Zalando.Postgres.Sdk.Kubernetes.Configuration;

/// <summary>Somebody else to act as; the caller needs the right <c>impersonate</c>.</summary>
public sealed record Impersonation
{
    /// <summary>User name.</summary>
    public required string User { get; init; }

    /// <summary>Groups. <value>none</value></summary>
    public IReadOnlyList<string> Groups { get; init; } = [];

    /// <summary>Uid; null for none.</summary>
    public string? Uid { get; init; }

    /// <summary>Further attributes. <value>none</value></summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Extra { get; init; } = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
}
