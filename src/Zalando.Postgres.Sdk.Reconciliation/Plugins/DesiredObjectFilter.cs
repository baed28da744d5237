using System.Text.Json;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Reconciliation.Plugins;

/// <summary>Runs a typed filter on a desired object.</summary>
internal static class DesiredObjectFilter
{
    public static DesiredObject Apply<T>(IManifestFilter<T> filter, DesiredObject desired, Postgresql cluster)
        where T : class, IKubernetesObject<T>
    {
        if (!desired.Kind.Equals(T.Descriptor)) return desired;
        var before = desired.Body.Deserialize(T.JsonTypeInfo)!;
        var after = filter.Apply(before, cluster);
        if (ReferenceEquals(before, after)) return desired;
        if (after.Metadata.Name != before.Metadata.Name || after.Metadata.Namespace != before.Metadata.Namespace)
            throw new InvalidOperationException($"The filter {filter.GetType().Name} renames {desired.Kind.Kind} {before.Metadata.Namespace}/{before.Metadata.Name}, which filters must not do.");
        return desired with { Body = (JsonObject)JsonSerializer.SerializeToNode(after, T.JsonTypeInfo)! };
    }
}
