using System.Text;
using System.Text.Json;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Testing.Controllers;

namespace Zalando.Postgres.Sdk.Sandbox.Pods;

/// <summary>Reads the Secrets and ConfigMaps that pods refer to.</summary>
internal sealed class PodObjects(IApiAccess api)
{
    /// <summary>All keys of a Secret with their decoded values; null when there is none.</summary>
    public IReadOnlyDictionary<string, byte[]>? Secret(string namespaceName, string name)
    {
        if (api.Get(KubernetesKinds.Secret, namespaceName, name)?.DeepClone() is not System.Text.Json.Nodes.JsonObject found) return null;
        var values = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        if (found["data"] is System.Text.Json.Nodes.JsonObject data)
        {
            foreach (var (key, value) in data) values[key] = Convert.FromBase64String((string?)value ?? string.Empty);
        }

        return values;
    }

    /// <summary>All keys of a ConfigMap; null when there is none.</summary>
    public IReadOnlyDictionary<string, byte[]>? ConfigMap(string namespaceName, string name)
    {
        if (api.Get(KubernetesKinds.ConfigMap, namespaceName, name) is not { } found) return null;
        var map = found.Deserialize(Resources.Kubernetes.ConfigMap.JsonTypeInfo);
        return (map?.Data ?? new Dictionary<string, string>(StringComparer.Ordinal)).ToDictionary(p => p.Key, p => Encoding.UTF8.GetBytes(p.Value), StringComparer.Ordinal);
    }
}
