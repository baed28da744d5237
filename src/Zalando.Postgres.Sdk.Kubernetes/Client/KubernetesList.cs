namespace Zalando.Postgres.Sdk.Kubernetes.Client;

/// <summary>The objects of a list, and the version to watch from.</summary>
/// <typeparam name="T">A kind, or JSON.</typeparam>
/// <param name="Items">The objects, over all pages.</param>
/// <param name="ResourceVersion">The version of the list.</param>
public sealed record KubernetesList<T>(IReadOnlyList<T> Items, string ResourceVersion);
