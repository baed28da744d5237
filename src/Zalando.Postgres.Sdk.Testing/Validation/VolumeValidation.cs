using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Testing.ApiServer.Storage;

namespace Zalando.Postgres.Sdk.Testing.Validation;

/// <summary>Claims and volumes.</summary>
internal static class VolumeValidation
{
    private const string ClaimRule = "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims";
    private static readonly string[] OtherVolumeFields = ["capacity", "accessModes", "claimRef", "persistentVolumeReclaimPolicy", "storageClassName", "mountOptions", "volumeMode", "nodeAffinity", "volumeAttributesClassName"];

    public static void Claim(JsonObject claim, JsonObject? old, FaultList faults)
    {
        var spec = claim.Object("spec") ?? [];
        if (old is null) New(spec, faults);
        else Changed(spec, old, faults);
    }

    public static void Volume(JsonObject volume, JsonObject? old, FaultList faults)
    {
        var spec = volume.Object("spec") ?? [];
        if (old is null)
        {
            if (spec.Array("accessModes") is not { Count: > 0 }) faults.Required("spec.accessModes");
            if (spec.Object("capacity") is not { Count: > 0 }) faults.Required("spec.capacity");
            if (Source(spec).Count == 0) faults.Required("spec", "must specify a volume type");
            return;
        }

        if (!JsonNode.DeepEquals(Source(spec), Source(old.Object("spec") ?? [])))
            faults.Forbidden("spec.persistentvolumesource", "spec.persistentvolumesource is immutable after creation\nthe source of the volume differs");
        if (!JsonNode.DeepEquals(spec["volumeMode"], old.Object("spec")?["volumeMode"])) faults.Invalid("volumeMode", spec["volumeMode"], "field is immutable");
    }

    private static void New(JsonObject spec, FaultList faults)
    {
        var modes = spec.Array("accessModes");
        if (modes is not { Count: > 0 }) faults.Required("spec.accessModes", "at least 1 access mode is required");
        foreach (var mode in modes.Texts())
            if (mode is not ("ReadWriteOnce" or "ReadOnlyMany" or "ReadWriteMany" or "ReadWriteOncePod"))
                faults.NotSupported("spec.accessModes", mode, "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod");
        if (spec.Object("selector") is { } selector) SelectorValidation.Validate(selector, "spec.selector", faults);
        var storage = spec.Object("resources").Object("requests").Text("storage");
        if (storage is null) faults.Required("spec.resources[storage]");
        else if (Quantity.TryParse(storage, out var size) && size.Nanos.Sign <= 0) faults.Invalid("spec.resources[storage]", storage, "must be greater than zero");
        if (spec.Text("storageClassName") is { Length: > 0 } name && NameValidation.SubdomainFault(name) is { } fault) faults.Invalid("spec.storageClassName", name, fault);
        if (spec.Text("volumeMode") is not ("Block" or "Filesystem")) faults.NotSupported("spec.volumeMode", spec.Text("volumeMode") ?? "", "Block", "Filesystem");
    }

    private static void Changed(JsonObject spec, JsonObject old, FaultList faults)
    {
        var before = old.Object("spec")?.CopyObject() ?? [];
        var now = spec.CopyObject();
        // The volume may be named once; the class may be named when there was none.
        if (before.Text("volumeName") is null or "") now.Put("volumeName", before["volumeName"]?.DeepClone());
        if (!before.ContainsKey("storageClassName")) now.Remove("storageClassName");
        var bound = old.Object("status").Text("phase") == "Bound";
        if (bound)
        {
            now.Ensure("resources").Put("requests", before.Object("resources")?["requests"]?.DeepClone());
            now.Put("volumeAttributesClassName", before["volumeAttributesClassName"]?.DeepClone());
        }

        if (!JsonNode.DeepEquals(now, before)) faults.Forbidden("spec", ClaimRule + "\nthe spec differs in a field that cannot change");
        if (!bound) return;
        // Growth that failed may be taken back, but not below what the volume has.
        if (Quantity.TryParse(spec.Object("resources").Object("requests").Text("storage"), out var wanted)
            && Quantity.TryParse(old.Object("status").Object("capacity").Text("storage"), out var has) && wanted < has)
            faults.Forbidden("spec.resources.requests.storage", "field can not be less than status.capacity");
    }

    private static JsonObject Source(JsonObject spec)
    {
        var copy = spec.CopyObject();
        foreach (var field in OtherVolumeFields) copy.Remove(field);
        return copy;
    }
}
