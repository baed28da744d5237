using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Testing.ApiServer.Kinds;
using Zalando.Postgres.Sdk.Testing.ApiServer.Storage;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Pipeline;

/// <summary>The admission plugins that are on by default, as far as they change objects.</summary>
internal static class BuiltInAdmission
{
    public static void OnCreate(ServedKind kind, JsonObject value, ObjectStore store, WriteContext context)
    {
        _ = store;
        _ = context;
        switch (kind.Kind.QualifiedName)
        {
            case "namespaces":
                value.Metadata().Ensure("labels")["kubernetes.io/metadata.name"] = value.Name();
                value.Ensure("spec")["finalizers"] = new JsonArray("kubernetes");
                value["status"] = new JsonObject { ["phase"] = "Active" };
                break;
            case "persistentvolumeclaims": AddFinalizer(value, "kubernetes.io/pvc-protection"); break;
            case "persistentvolumes": AddFinalizer(value, "kubernetes.io/pv-protection"); break;
        }
    }

    public static void OnUpdate(ServedKind kind, JsonObject old, JsonObject value, string? subresource, WriteContext context)
    {
        _ = subresource;
        _ = context;
        if (kind.Resource == "namespaces")
        {
            value.Metadata().Ensure("labels")["kubernetes.io/metadata.name"] = value.Name();
            if (subresource is null) value.Ensure("spec").Put("finalizers", old.Object("spec")?["finalizers"]?.DeepClone());
        }
    }

    private static void AddFinalizer(JsonObject value, string finalizer)
    {
        var metadata = value.Metadata();
        if (metadata["finalizers"] is not JsonArray list) metadata["finalizers"] = list = [];
        if (!list.Texts().Contains(finalizer)) list.Append(finalizer);
    }
}
