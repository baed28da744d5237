using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Resources;

namespace Zalando.Postgres.Sdk.Reconciliation.Plugins;

/// <summary>Changes desired objects; implement <see cref="IManifestFilter{T}"/> for a kind instead.</summary>
public interface IManifestFilter
{
    /// <summary>The object as it should be; the same one for objects that are none of its business.</summary>
    /// <param name="desired">The object as the operator would make it.</param>
    /// <param name="cluster">The manifest of the cluster.</param>
    DesiredObject Apply(DesiredObject desired, Postgresql cluster);
}
