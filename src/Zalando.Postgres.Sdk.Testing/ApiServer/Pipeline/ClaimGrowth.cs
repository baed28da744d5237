using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Testing.ApiServer.Storage;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Pipeline;

/// <summary>Whether a bound claim may grow: its storage class must say so. Volumes that the server's own binder made without a class always may.</summary>
internal static class ClaimGrowth
{
    /// <summary>Refuses growth that the storage class does not allow.</summary>
    /// <exception cref="ApiStatusException">403.</exception>
    public static void Check(KubernetesKind kind, JsonObject old, JsonObject value, ObjectStore store)
    {
        if (old.Object("status").Text("phase") != "Bound") return;
        if (!Quantity.TryParse(Requested(old), out var before) || !Quantity.TryParse(Requested(value), out var now) || now <= before) return;
        var className = old.Object("spec").Text("storageClassName") ?? "";
        var storageClass = className.Length == 0 ? null : store.Get(KubernetesKinds.StorageClass.QualifiedName, new("", className))?.Value;
        if (storageClass is not null)
        {
            if (storageClass.Flag("allowVolumeExpansion") == true) return;
        }
        else if (store.Get("persistentvolumes", new("", old.Object("spec").Text("volumeName") ?? ""))?.Value.Object("metadata").Object("annotations")
            .Text("pv.kubernetes.io/provisioned-by") is not null)
        {
            return;
        }

        throw StatusErrors.Forbidden(kind, value.Name(), "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize");
    }

    private static string? Requested(JsonObject claim) => claim.Object("spec").Object("resources").Object("requests").Text("storage");
}
