namespace Zalando.Postgres.Sdk.Kubernetes.Client;

/// <summary>The objects of a list, and the version to watch from.</summary>
/// <typeparam name="T">A kind, or JSON.</typeparam>
/// <param name="Items">The objects, over all pages.</param>
/// <param name="ResourceVersion">The version of the list.</param>
public sealed record KubernetesList<T>(IReadOnlyList<T> Items, string ResourceVersion)
{
    /// <summary>Objects that are in the list and that their type cannot hold. Who deletes what is not in a list must look here too. <value>none</value></summary>
    public IReadOnlyList<UnreadableObject> Unreadable { get; init; } = [];
}
