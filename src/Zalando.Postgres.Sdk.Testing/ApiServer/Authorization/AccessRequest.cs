namespace Zalando.Postgres.Sdk.Testing.ApiServer.Authorization;

/// <summary>What someone wants to do.</summary>
internal sealed record AccessRequest
{
    public required string Verb { get; init; }

    public string Group { get; init; } = "";

    public string Resource { get; init; } = "";

    public string? Subresource { get; init; }

    public string? Namespace { get; init; }

    public string? Name { get; init; }

    /// <summary>A path that is no resource; null for a resource.</summary>
    public string? Path { get; init; }

    public string QualifiedResource => Subresource is { Length: > 0 } ? $"{Resource}/{Subresource}" : Resource;
}
