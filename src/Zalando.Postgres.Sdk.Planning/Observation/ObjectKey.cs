using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Planning;

/// <summary>Names one Kubernetes object for planning.</summary>
/// <param name="Kind">Kind, for example <c>StatefulSet</c>; the kinds that planning knows are unique without their group.</param>
/// <param name="Namespace">Namespace.</param>
/// <param name="Name">Name.</param>
public readonly record struct ObjectKey(string Kind, string Namespace, string Name)
{
    /// <summary>The key of an object.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="namespaceName">Its namespace.</param>
    /// <param name="name">Its name.</param>
    public static ObjectKey Of(KubernetesKind kind, string namespaceName, string name)
    {
        ArgumentNullException.ThrowIfNull(kind);
        return new(kind.Kind, namespaceName, name);
    }

    /// <summary><c>statefulset default/acid-test</c>.</summary>
    public override string ToString() => $"{Kind.ToLowerInvariant()} {Namespace}/{Name}";
}
