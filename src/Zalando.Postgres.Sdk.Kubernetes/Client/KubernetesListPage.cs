namespace Zalando.Postgres.Sdk.Kubernetes.Client;

/// <summary>A part of a list.</summary>
/// <typeparam name="T">A kind, or JSON.</typeparam>
/// <param name="Items">The objects of the page.</param>
/// <param name="ResourceVersion">The version of the whole list, the same on all pages.</param>
/// <param name="Unreadable">Objects of the page that their type cannot hold.</param>
/// <param name="IsLast">Whether the list ends here.</param>
public sealed record KubernetesListPage<T>(IReadOnlyList<T> Items, string ResourceVersion, IReadOnlyList<UnreadableObject> Unreadable, bool IsLast);
