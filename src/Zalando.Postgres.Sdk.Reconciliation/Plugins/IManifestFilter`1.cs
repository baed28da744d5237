using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Reconciliation.Plugins;

/// <summary>Changes a desired object of one kind before it is compared with what exists: adds a label, a sidecar, an annotation.</summary>
/// <remarks>It must be a function of its inputs, without I/O, clock or randomness; otherwise the object changes at every look. One that throws
/// fails the pass of its cluster only. Name, namespace and kind cannot be changed.</remarks>
/// <typeparam name="T">The kind, for example <see cref="StatefulSet"/>.</typeparam>
public interface IManifestFilter<T> : IManifestFilter
    where T : class, IKubernetesObject<T>
{
    /// <summary>The object as it should be.</summary>
    /// <param name="desired">The object as the operator would make it.</param>
    /// <param name="cluster">The manifest of the cluster.</param>
    T Apply(T desired, Postgresql cluster);

    /// <inheritdoc />
    Planning.DesiredObject IManifestFilter.Apply(Planning.DesiredObject desired, Postgresql cluster) => DesiredObjectFilter.Apply(this, desired, cluster);
}
