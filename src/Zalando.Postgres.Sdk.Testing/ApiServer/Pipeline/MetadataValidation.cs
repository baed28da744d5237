using System.Text;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Testing.ApiServer.Kinds;
using Zalando.Postgres.Sdk.Testing.ApiServer.Selectors;
using Zalando.Postgres.Sdk.Testing.ApiServer.Storage;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Pipeline;

/// <summary>The rules for metadata that hold for every kind.</summary>
internal static class MetadataValidation
{
    private const int AnnotationLimit = 256 * 1024;

    public static void Validate(ServedKind kind, JsonObject value, JsonObject? old, List<StatusCause> causes)
    {
        var metadata = value.Object("metadata") ?? [];
        if (metadata.Text("generateName") is { Length: > 0 } prefix && old is null && NameFaults(kind, prefix.TrimEnd('-') is { Length: > 0 } p && prefix.EndsWith('-') ? p : prefix).FirstOrDefault() is { } prefixFault)
            causes.Add(new("FieldValueInvalid", "metadata.generateName", $"Invalid value: {StatusErrors.Quote(prefix)}: {prefixFault}"));
        var name = metadata.Text("name") ?? "";
        if (old is null)
        {
            if (name.Length == 0) causes.Add(new("FieldValueRequired", "metadata.name", "Required value: name or generateName is required"));
            else causes.AddRange(NameFaults(kind, name).Select(f => new StatusCause("FieldValueInvalid", "metadata.name", $"Invalid value: {StatusErrors.Quote(name)}: {f}")));
        }

        foreach (var (key, label) in metadata.Object("labels") ?? [])
        {
            // Generated labels of a job are looked at in its template only.
            if (kind.Resource == "jobs.batch" && key is "batch.kubernetes.io/job-name" or "job-name") continue;
            foreach (var fault in LabelSyntax.KeyFaults(key)) causes.Add(new("FieldValueInvalid", "metadata.labels", $"Invalid value: {StatusErrors.Quote(key)}: {fault}"));
            if (LabelSyntax.ValueFault(label.Text() ?? "") is { } valueFault) causes.Add(new("FieldValueInvalid", "metadata.labels", $"Invalid value: {StatusErrors.Quote(label.Text() ?? "")}: {valueFault}"));
        }

        var size = 0L;
        foreach (var (key, annotation) in metadata.Object("annotations") ?? [])
        {
            foreach (var fault in LabelSyntax.KeyFaults(key.ToLowerInvariant())) causes.Add(new("FieldValueInvalid", "metadata.annotations", $"Invalid value: {StatusErrors.Quote(key)}: {fault}"));
            size += Encoding.UTF8.GetByteCount(key) + Encoding.UTF8.GetByteCount(annotation.Text() ?? "");
        }

        if (size > AnnotationLimit) causes.Add(new("FieldValueTooLong", "metadata.annotations", $"Too long: may not be more than {AnnotationLimit} bytes"));
        ValidateOwners(metadata, causes);
        var finalizers = metadata.Array("finalizers").Texts().ToArray();
        for (var i = 0; i < finalizers.Length; i++)
        {
            foreach (var fault in LabelSyntax.KeyFaults(finalizers[i])) causes.Add(new("FieldValueInvalid", "metadata.finalizers", $"Invalid value: {StatusErrors.Quote(finalizers[i])}: {fault}"));
        }

        for (var i = 0; i < finalizers.Length; i++)
        {
            if (kind.Custom is null && !finalizers[i].Contains('/') && finalizers[i] is not ("orphan" or "foregroundDeletion" or "kubernetes"))
            {
                var cause = new StatusCause("FieldValueInvalid", $"metadata.finalizers[{i}]", $"Invalid value: {StatusErrors.Quote(finalizers[i])}: name is neither a standard finalizer name nor is it fully qualified");
                causes.Add(cause);
                // The real server looks twice at the metadata of an update, and reports twice.
                if (old is not null) causes.Add(cause);
            }
        }

        if (finalizers.Contains("orphan") && finalizers.Contains("foregroundDeletion"))
            causes.Add(new("FieldValueInvalid", "metadata.finalizers", "Invalid value: finalizers orphan and foregroundDeletion cannot be both set"));
    }

    private static void ValidateOwners(JsonObject metadata, List<StatusCause> causes)
    {
        var owners = (metadata.Array("ownerReferences") ?? []).OfType<JsonObject>().ToArray();
        string? controller = null;
        for (var i = 0; i < owners.Length; i++)
        {
            var path = "metadata.ownerReferences";
            if (owners[i].Text("apiVersion") is null or "") causes.Add(new("FieldValueInvalid", path + ".apiVersion", "Invalid value: \"\": version must not be empty"));
            if (owners[i].Text("kind") is null or "") causes.Add(new("FieldValueInvalid", path + ".kind", "Invalid value: \"\": must not be empty"));
            if (owners[i].Text("name") is null or "") causes.Add(new("FieldValueInvalid", path + ".name", "Invalid value: \"\": must not be empty"));
            if (owners[i].Text("uid") is null or "") causes.Add(new("FieldValueInvalid", path + ".uid", "Invalid value: \"\": must not be empty"));
            if (owners[i].Text("kind") == "Event" && owners[i].Text("apiVersion") == "v1") causes.Add(new("FieldValueInvalid", path, "Invalid value: /v1, Kind=Event is disallowed from being an owner"));
            if (owners[i].Flag("controller") != true) continue;
            if (controller is not null)
            {
                causes.Add(new("FieldValueInvalid", "metadata.ownerReferences",
                    $"Invalid value: Only one reference can have Controller set to true. Found \"true\" in references for {controller} and {owners[i].Text("name")}"));
            }

            controller ??= owners[i].Text("name");
        }
    }

    private static IEnumerable<string> NameFaults(ServedKind kind, string name)
    {
        switch (kind.Kind.QualifiedName)
        {
            case "services" or "namespaces":
                if (name.Length > 63) yield return "must be no more than 63 bytes";
                if (!LabelSyntax.IsLabel(name) && name.Length <= 63) yield return LabelSyntax.LabelFault;
                break;
            case "statefulsets.apps":
                if (name.Length > 63) yield return "must be no more than 63 bytes";
                if (!LabelSyntax.IsLabel(name) && name.Length <= 63) yield return LabelSyntax.LabelFault;
                break;
            case "roles.rbac.authorization.k8s.io" or "rolebindings.rbac.authorization.k8s.io" or "clusterroles.rbac.authorization.k8s.io" or "clusterrolebindings.rbac.authorization.k8s.io" or "events" or "events.events.k8s.io":
                if (name is "." or "..") yield return $"may not be '{name}'";
                if (name.Contains('/')) yield return "may not contain '/'";
                if (name.Contains('%')) yield return "may not contain '%'";
                break;
            default:
                if (name.Length > 253) yield return "must be no more than 253 bytes";
                else if (!LabelSyntax.IsSubdomain(name)) yield return LabelSyntax.SubdomainFault;
                break;
        }
    }
}
