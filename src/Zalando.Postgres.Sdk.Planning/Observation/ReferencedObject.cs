using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Planning;

/// <summary>An object without the labels of a cluster that its plan depends on.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Name">Its name.</param>
public readonly record struct ReferencedObject(KubernetesKind Kind, string Namespace, string Name);
