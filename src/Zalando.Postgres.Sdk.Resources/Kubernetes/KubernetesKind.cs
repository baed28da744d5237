namespace Zalando.Postgres.Sdk.Resources.Kubernetes;

/// <summary>What an API server says of one kind in discovery: where it is served and what it can do.</summary>
/// <remarks>Built-in kinds are listed in <see cref="KubernetesKinds"/>; those of this project are on their types (<see cref="IKubernetesObject{TSelf}.Descriptor"/>).</remarks>
public sealed record KubernetesKind
{
    /// <summary>API group, for example <c>apps</c>; empty for the core group.</summary>
    public required string Group { get; init; }

    /// <summary>API version inside the group, for example <c>v1</c>.</summary>
    public required string Version { get; init; }

    /// <summary>Kind as written in objects, for example <c>StatefulSet</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Resource name in URLs, for example <c>statefulsets</c>.</summary>
    public required string Plural { get; init; }

    /// <summary>Resource name of one object, for example <c>statefulset</c>.</summary>
    public required string Singular { get; init; }

    /// <summary>Whether objects live in a namespace.</summary>
    public required bool Namespaced { get; init; }

    /// <summary>Kind of a list of these objects; <c>{Kind}List</c>.</summary>
    public string ListKind => Kind + "List";

    /// <summary>Short names for the command line, for example <c>sts</c>.</summary>
    public IReadOnlyList<string> ShortNames { get; init; } = [];

    /// <summary>Groups of kinds for the command line, for example <c>all</c>.</summary>
    public IReadOnlyList<string> Categories { get; init; } = [];

    /// <summary>Verbs the server accepts on the resource itself, for example <c>list</c>.</summary>
    public IReadOnlyList<string> Verbs { get; init; } = [];

    /// <summary>Names of subresources, for example <c>status</c> and <c>scale</c>.</summary>
    public IReadOnlyList<string> Subresources { get; init; } = [];

    /// <summary>Value of <c>apiVersion</c> in objects: <c>v1</c>, <c>apps/v1</c>.</summary>
    public string ApiVersion => Group.Length == 0 ? Version : Group + "/" + Version;

    /// <summary>Name used in messages and RBAC: <c>pods</c>, <c>statefulsets.apps</c>.</summary>
    public string QualifiedName => Group.Length == 0 ? Plural : Plural + "." + Group;

    /// <summary>Path of the collection: <c>/apis/apps/v1/namespaces/ns/statefulsets</c>, or over all namespaces when <paramref name="namespaceName"/> is null or the kind has none.</summary>
    /// <param name="namespaceName">Namespace, or null for all.</param>
    public string CollectionPath(string? namespaceName)
    {
        var root = Group.Length == 0 ? $"/api/{Version}" : $"/apis/{Group}/{Version}";
        return Namespaced && namespaceName is { Length: > 0 }
            ? $"{root}/namespaces/{Uri.EscapeDataString(namespaceName)}/{Plural}"
            : $"{root}/{Plural}";
    }

    /// <summary>Path of one object, or of one of its subresources.</summary>
    /// <param name="namespaceName">Namespace; null for kinds without one.</param>
    /// <param name="name">Object name.</param>
    /// <param name="subresource">For example <c>status</c>; null for the object itself.</param>
    public string ObjectPath(string? namespaceName, string name, string? subresource = null)
    {
        var path = $"{CollectionPath(namespaceName)}/{Uri.EscapeDataString(name)}";
        return subresource is null ? path : $"{path}/{subresource}";
    }

    /// <summary>Same group, version and kind.</summary>
    /// <param name="other">The kind to compare with.</param>
    public bool Equals(KubernetesKind? other) =>
        other is not null && Group == other.Group && Version == other.Version && Kind == other.Kind && Plural == other.Plural;

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Group, Version, Kind);

    /// <inheritdoc />
    public override string ToString() => $"{ApiVersion}/{Kind}";
}
