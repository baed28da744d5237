using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Planning;

/// <summary>What a change touches: a Kubernetes object, Patroni's configuration of the cluster, or a database.</summary>
public sealed record ChangeTarget
{
    /// <summary>Kind of a target that is no Kubernetes object: Patroni's dynamic configuration of a cluster.</summary>
    public const string PatroniKind = "Patroni";

    /// <summary>Kind of a target that is no Kubernetes object: a database or a role inside PostgreSQL.</summary>
    public const string DatabaseKind = "Database";

    /// <summary>Kubernetes kind such as <c>StatefulSet</c>, or <see cref="PatroniKind"/> or <see cref="DatabaseKind"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>Namespace of the object or of the cluster; empty for objects without one.</summary>
    public required string Namespace { get; init; }

    /// <summary>Name of the object, the cluster or the database.</summary>
    public required string Name { get; init; }

    /// <summary>A Kubernetes object.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="namespaceName">Its namespace.</param>
    /// <param name="name">Its name.</param>
    public static ChangeTarget Of(KubernetesKind kind, string namespaceName, string name)
    {
        ArgumentNullException.ThrowIfNull(kind);
        return new() { Kind = kind.Kind, Namespace = namespaceName, Name = name };
    }

    /// <summary><c>statefulset default/acid-test</c>, or <c>persistentvolume pv-1</c> for what has no namespace.</summary>
    public override string ToString() => Namespace.Length == 0 ? $"{Kind.ToLowerInvariant()} {Name}" : $"{Kind.ToLowerInvariant()} {Namespace}/{Name}";
}
