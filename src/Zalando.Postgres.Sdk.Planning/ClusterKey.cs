namespace Zalando.Postgres.Sdk.Planning;

/// <summary>Names one cluster: namespace and name of its <c>postgresql</c> object.</summary>
/// <param name="Namespace">Namespace of the cluster.</param>
/// <param name="Name">Name of the cluster.</param>
public readonly record struct ClusterKey(string Namespace, string Name)
{
    /// <summary><c>namespace/name</c>, as in logs and Events.</summary>
    public override string ToString() => $"{Namespace}/{Name}";
}
