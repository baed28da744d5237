using Zalando.Postgres.Sdk.Testing.ApiServer.Kinds;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Http;

/// <summary>What a path below <c>/api</c> or <c>/apis</c> means.</summary>
internal sealed record ResourceRequest
{
    public required string Group { get; init; }

    public required string Version { get; init; }

    public required string Resource { get; init; }

    public string? Namespace { get; init; }

    public string? Name { get; init; }

    public string? Subresource { get; init; }

    /// <summary>The old <c>/watch/</c> form of the path.</summary>
    public bool Watch { get; init; }

    public ServedKind? Kind { get; init; }

    /// <summary>Reads the parts of a path behind group and version; null when there is no resource in it.</summary>
    public static ResourceRequest? Parse(string group, string version, ReadOnlySpan<string> rest, KindRegistry kinds)
    {
        var watch = false;
        if (rest.Length > 1 && rest[0] == "watch")
        {
            watch = true;
            rest = rest[1..];
        }

        if (rest.Length == 0) return null;
        string? namespaceName = null;
        if (rest[0] == "namespaces" && rest.Length >= 3 && !(rest[2] is "status" or "finalize" && rest.Length == 3))
        {
            namespaceName = rest[1];
            rest = rest[2..];
        }

        var resource = rest[0];
        return new ResourceRequest
        {
            Group = group,
            Version = version,
            Resource = resource,
            Namespace = namespaceName ?? (group.Length == 0 && resource == "namespaces" && rest.Length > 1 ? rest[1] : null),
            Name = rest.Length > 1 ? rest[1] : null,
            Subresource = rest.Length > 2 ? string.Join('/', rest[2..]!) : null,
            Watch = watch,
            Kind = kinds.Find(group, version, resource),
        };
    }

    /// <summary>The Kubernetes verb of a method on this path.</summary>
    public string Verb(string method, bool watch) => method switch
    {
        "GET" or "HEAD" => Name is not null ? watch || Watch ? "watch" : "get" : watch || Watch ? "watch" : "list",
        "POST" => "create",
        "PUT" => "update",
        "PATCH" => "patch",
        "DELETE" => Name is null ? "deletecollection" : "delete",
        _ => method.ToLowerInvariant(),
    };
}
