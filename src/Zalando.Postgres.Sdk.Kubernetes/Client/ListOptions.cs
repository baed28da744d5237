namespace Zalando.Postgres.Sdk.Kubernetes.Client;

/// <summary>What to list.</summary>
public sealed record ListOptions
{
    /// <summary>Label selector, for example <c>application=spilo,cluster-name in (a,b)</c>; null for all.</summary>
    public string? LabelSelector { get; init; }

    /// <summary>Field selector, for example <c>metadata.name=x</c>; null for all.</summary>
    public string? FieldSelector { get; init; }

    /// <summary>Objects per page. <value>500</value></summary>
    public int PageSize { get; init; } = 500;

    /// <summary>Empty for the newest state, <c>0</c> for whatever the server has in memory, or an exact version.</summary>
    public string? ResourceVersion { get; init; }
}
