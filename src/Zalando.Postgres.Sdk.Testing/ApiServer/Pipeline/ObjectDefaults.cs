using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Resources.Kubernetes.Defaults;
using Zalando.Postgres.Sdk.Testing.ApiServer.Kinds;
using Zalando.Postgres.Sdk.Testing.ApiServer.Storage;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Pipeline;

/// <summary>The seam to the defaults of the built-in kinds.</summary>
internal static class ObjectDefaults
{
    public static void Apply(ServedKind kind, JsonObject value)
    {
        DropEmptyMetadata(value);
        if (kind.Schema is not null && kind.Custom is null) KubernetesDefaults.Apply(kind.Kind, value);
    }

    /// <summary>Defaults of a pod in the middle of its admission.</summary>
    public static void Pod(JsonObject pod) => KubernetesDefaults.Apply(KubernetesKinds.Pod, pod);

    /// <summary>What every kind has in common: empty maps and lists of the metadata are not stored.</summary>
    public static void DropEmptyMetadata(JsonObject value)
    {
        var metadata = value.Metadata();
        foreach (var field in (ReadOnlySpan<string>)["labels", "annotations"])
        {
            if (metadata.TryGetPropertyValue(field, out var map) && map is null or JsonObject { Count: 0 }) metadata.Remove(field);
        }

        foreach (var field in (ReadOnlySpan<string>)["finalizers", "ownerReferences", "managedFields"])
        {
            if (metadata.TryGetPropertyValue(field, out var list) && list is null or JsonArray { Count: 0 }) metadata.Remove(field);
        }

        foreach (var (key, _) in metadata.Where(static p => p.Value is null).ToArray()) metadata.Remove(key);
    }
}
