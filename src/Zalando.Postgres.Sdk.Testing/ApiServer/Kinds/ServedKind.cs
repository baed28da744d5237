using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Kinds;

/// <summary>One resource of one version as it is served now.</summary>
internal sealed class ServedKind
{
    public ServedKind(KubernetesKind kind, CustomKind? custom)
    {
        Kind = kind;
        Custom = custom;
        // One collection holds the objects of all versions; both groups of events are one collection.
        Resource = kind.QualifiedName == "events.events.k8s.io" ? "events" : kind.QualifiedName;
        Schema = custom is null ? KubernetesKinds.SchemaNames.ContainsKey(kind) ? KubernetesSchema.Of(kind) : null : custom.Schema;
        HasStatus = kind.Subresources.Contains("status");
        HasGeneration = custom is not null || KindRules.HasGeneration(kind);
    }

    public KubernetesKind Kind { get; }

    /// <summary>What a custom resource definition says of it; null for a built-in kind.</summary>
    public CustomKind? Custom { get; }

    public string Resource { get; }

    public KubernetesSchema? Schema { get; }

    public string ListKind { get => field ?? Kind.ListKind; init; }

    /// <summary>Version of the store when the kind was served first; 0 for a built-in kind.</summary>
    public long ServedSince { get; init; }

    public bool HasStatus { get; }

    public bool HasGeneration { get; }

    public bool Serves(string verb) => Kind.Verbs.Contains(verb);
}
