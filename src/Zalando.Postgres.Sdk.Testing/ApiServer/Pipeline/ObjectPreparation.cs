using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Testing.ApiServer.Admission;
using Zalando.Postgres.Sdk.Testing.ApiServer.Authorization;
using Zalando.Postgres.Sdk.Testing.ApiServer.CustomKinds;
using Zalando.Postgres.Sdk.Testing.ApiServer.Kinds;
using Zalando.Postgres.Sdk.Testing.ApiServer.Storage;
using Zalando.Postgres.Sdk.Testing.Validation;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Pipeline;

/// <summary>Between the request's object and the stored one: status handling, defaults, the admission that is always on, validation, addresses.</summary>
internal sealed class ObjectPreparation(ObjectPipeline pipeline, ObjectStore store, KindRegistry kinds, ApiServerOptions options)
{
    private readonly ServiceAddresses _addresses = new(store, options.ServiceNetwork);

    /// <summary>Who may hand out which rights; null while the server starts.</summary>
    public RbacAuthorizer? Authorizer { get; set; }

    /// <summary>The kinds served now, for admission that looks at other kinds.</summary>
    public KindRegistry Kinds => kinds;

    public void CheckNamespaceIsOpen(ServedKind kind, string? namespaceName, string name)
    {
        if (!kind.Kind.Namespaced || namespaceName is null) return;
        if (store.Get("namespaces", new("", namespaceName)) is not { } found) throw StatusErrors.NotFound(KubernetesKinds.Namespace, namespaceName);
        if (!found.Value.IsDeleting() || kind.Kind.Kind.EndsWith("Review", StringComparison.Ordinal)) return;
        var refusal = StatusErrors.Forbidden(kind.Kind, name, $"unable to create new content in namespace {namespaceName} because it is being terminated");
        var details = refusal.Details!;
        details["causes"] = new JsonArray(new JsonObject
        {
            ["reason"] = "NamespaceTerminating", ["message"] = $"namespace {namespaceName} is being terminated", ["field"] = "metadata.namespace",
        });
        throw refusal.WithDetails(details);
    }

    public void ForCreate(ServedKind kind, JsonObject value, WriteContext context)
    {
        if (kind.HasStatus && ResetsStatus(kind)) ResetStatus(kind, value);
        if (kind.Custom is null)
        {
            ObjectDefaults.Apply(kind, value);
            BuiltInAdmission.OnCreate(kind, value, pipeline, context);
            ObjectDefaults.Apply(kind, value);
            Mutate(kind, null, value, null, context);
            CheckEscalation(kind, value, context);
        }
        else
        {
            StructuralSchema.Default(value, kind.Custom.SchemaJson, true);
            Mutate(kind, null, value, null, context);
        }

        FinalizerWarnings(kind, null, value, context);
        ObjectWarnings.Add(kind, value, null, context);
        Validate(kind, value, null, null, null);
        pipeline.Admission.Validate(kind, null, "CREATE", value, null, context);
    }

    private void Validate(ServedKind kind, JsonObject value, JsonObject? old, string? subresource, string? doomed)
    {
        var causes = new List<StatusCause>();
        if (doomed is not null)
        {
            var cause = new StatusCause("FieldValueInvalid", "metadata.deletionTimestamp", $"Invalid value: {StatusErrors.Quote(doomed)}: field is immutable");
            causes.AddRange([cause, cause]);
        }

        MetadataValidation.Validate(kind, value, old, causes);
        if (kind.Resource == "customresourcedefinitions.apiextensions.k8s.io" && subresource is null) CustomDefinitionValidation.Validate(value, old, causes);
        if (kind.Kind.Group == "admissionregistration.k8s.io") WebhookConfigurations.Validate(value, causes);
        if (kind.Custom is { } custom) CustomValidation.Validate(custom, value, old, subresource, causes);
        else
        {
            var faults = old is null ? BuiltInValidation.ValidateCreate(kind.Kind, value) : BuiltInValidation.ValidateUpdate(kind.Kind, value, old, subresource);
            causes.AddRange(faults.Where(f => !options.AllowLoopbackEndpoints || !f.Message.Contains("loopback", StringComparison.OrdinalIgnoreCase)));
        }

        // Events of both groups are checked as the same thing, which has no group.
        if (causes.Count > 0) throw StatusErrors.Invalid(kind.Kind.Kind, kind.Resource == "events" ? "" : kind.Kind.Group, value.Name(), causes);
    }

    private static bool HandsOutOther(JsonObject old, JsonObject value)
    {
        foreach (var field in (ReadOnlySpan<string>)["rules", "aggregationRule", "subjects", "roleRef"])
        {
            if (!JsonNode.DeepEquals(old[field], value[field])) return true;
        }

        return false;
    }

    private void CheckEscalation(ServedKind kind, JsonObject value, WriteContext context)
    {
        if (Authorizer is null || context.User.IsMaster || kind.Kind.Group != "rbac.authorization.k8s.io") return;
        var binding = kind.Kind.Kind.EndsWith("Binding", StringComparison.Ordinal);
        IReadOnlyList<JsonObject> rules = binding ? Authorizer.RulesOfRole(value.Namespace(), value.Object("roleRef")) : [.. (value.Array("rules") ?? []).OfType<JsonObject>()];
        // Whoever lets a role gather rules from others hands out everything.
        if (value.Object("aggregationRule") is not null) rules = [.. rules, .. RbacAuthorizer.FullAuthority];
        Authorizer.CheckEscalation(context.User, kind.Kind, value.Namespace(), value.Name(), rules, binding ? value.Object("roleRef") ?? [] : null);
    }

    /// <summary>Makes the state that is to be stored of the one a client wants. <paramref name="doomed"/> is the deletion time it would like to set.</summary>
    public void ForUpdate(ServedKind kind, JsonObject old, ref JsonObject value, string? subresource, WriteContext context, string? doomed)
    {
        if (subresource == "status")
        {
            var status = value["status"]?.DeepClone();
            var metadata = kind.Custom is null ? value.Object("metadata")!.CopyObject() : old.Object("metadata")!.CopyObject();
            if (kind.Custom is null)
            {
                // What a status write may change beside the status: nothing that decides about the object's life.
                metadata.Put("ownerReferences", old.Object("metadata")?["ownerReferences"]?.DeepClone());
            }

            value = old.CopyObject();
            value["metadata"] = metadata;
            value.Put("status", status);
            if (kind.Resource == "pods" && old.Object("status").Text("qosClass") is { } quality) value.Ensure("status")["qosClass"] = quality;
        }
        else if (kind.Resource == "pods" && subresource == "resize")
        {
            value = PodResizing.Of(old, value);
        }
        else if (kind.HasStatus && subresource is null && KeepsStatus(kind))
        {
            value.Put("status", old["status"]?.DeepClone());
        }

        if (kind.Custom is null)
        {
            BuiltInAdmission.OnUpdate(kind, old, value, subresource, context);
            ObjectDefaults.Apply(kind, value);
            Mutate(kind, subresource, value, old, context);
            if (kind.Kind.Group == "rbac.authorization.k8s.io" && HandsOutOther(old, value))
                CheckEscalation(kind, value, context);
        }
        else
        {
            StructuralSchema.Default(value, kind.Custom.SchemaJson, true);
            Mutate(kind, subresource, value, old, context);
        }

        ObjectDefaults.DropEmptyMetadata(value);
        CheckFinalizers(kind, old, value);
        if (kind.Resource == "persistentvolumeclaims" && subresource is null) ClaimGrowth.Check(kind.Kind, old, value, store);
        FinalizerWarnings(kind, old, value, context);
        if (subresource is null) ObjectWarnings.Add(kind, value, old, context);
        Validate(kind, value, old, subresource, doomed);
        // An update that changes nothing is not stored, but it is looked at.
        pipeline.Admission.Validate(kind, subresource, "UPDATE", value, old, context);
    }

    /// <summary>Puts what hooks and mutating webhooks make of an object in its place, read and completed like a request.</summary>
    private void Mutate(ServedKind kind, string? subresource, JsonObject value, JsonObject? old, WriteContext context)
    {
        var changed = pipeline.Admission.Mutate(kind, subresource, value, old, context);
        if (ReferenceEquals(changed, value)) return;
        TypedDecoder.Decode(kind, changed, [], new WriteContext { FieldValidation = "Ignore" }, patch: null);
        if (kind.Custom is null) ObjectDefaults.Apply(kind, changed);
        else StructuralSchema.Default(changed, kind.Custom.SchemaJson, true);
        // Who and which object it is, is not the webhook's to say; of a status write only the status is.
        var metadata = value.Object("metadata")!.CopyObject();
        foreach (var field in (ReadOnlySpan<string>)["labels", "annotations", "finalizers", "ownerReferences"])
        {
            if (subresource is null) metadata.Put(field, changed.Object("metadata")?[field]?.DeepClone());
        }

        if (old is null)
        {
            // What was generated when the webhooks were asked stays: they have seen it.
            foreach (var field in (ReadOnlySpan<string>)["name", "uid", "creationTimestamp"]) metadata.Put(field, changed.Object("metadata")?[field]?.DeepClone());
        }

        if (subresource == "status")
        {
            value.Put("status", changed["status"]?.DeepClone());
            return;
        }

        foreach (var key in value.Select(static p => p.Key).ToArray()) value.Remove(key);
        foreach (var (key, node) in changed) value[key] = node?.DeepClone();
        value["metadata"] = metadata;
    }

    private static void FinalizerWarnings(ServedKind kind, JsonObject? old, JsonObject value, WriteContext context)
    {
        if (kind.Custom is null || context.IsInternal) return;
        var before = old.Object("metadata").Array("finalizers").Texts().ToArray();
        foreach (var finalizer in value.Object("metadata").Array("finalizers").Texts().Where(f => !f.Contains('/', StringComparison.Ordinal) && f is not ("orphan" or "foregroundDeletion") && !before.Contains(f)))
            context.Warnings.Add($"metadata.finalizers: {StatusErrors.Quote(finalizer)}: prefer a domain-qualified finalizer name including a path (/) to avoid accidental conflicts with other finalizer writers");
    }

    public bool ChangesGeneration(ServedKind kind, JsonObject old, JsonObject value)
    {
        if (kind.Resource == "endpointslices.discovery.k8s.io")
            return !JsonNode.DeepEquals(Without(old, true), Without(value, true)) || !JsonNode.DeepEquals(old.Object("metadata")?["labels"], value.Object("metadata")?["labels"]);
        // The revision of a rollout may hang on annotations.
        if (kind.Resource == "deployments.apps" && !JsonNode.DeepEquals(old.Object("metadata")?["annotations"], value.Object("metadata")?["annotations"])) return true;
        if (kind.Custom is not null) return !JsonNode.DeepEquals(Without(old, kind.HasStatus), Without(value, kind.HasStatus));
        return kind.Kind.Kind is "StatefulSet" or "Deployment" or "ReplicaSet" or "DaemonSet" or "Job" or "CronJob" or "Pod" or "PodDisruptionBudget" or "NetworkPolicy" or "Ingress" or "CustomResourceDefinition" or "ReplicationController"
            ? !JsonNode.DeepEquals(old["spec"], value["spec"])
            : !JsonNode.DeepEquals(Without(old, true), Without(value, true));
    }

    /// <summary>Gives a service its addresses and ports (or checks those it asks for).</summary>
    public void Allocate(ServedKind kind, JsonObject value, JsonObject? old, bool dryRun)
    {
        if (kind.Resource == "services") _addresses.Allocate(value, old, dryRun);
    }

    public void Release(ServedKind kind, JsonObject value)
    {
        if (kind.Resource == "services") _addresses.Release(value);
    }

    public void CheckDelete(ServedKind kind, JsonObject value, WriteContext context)
    {
        _ = context;
        if (kind.Resource == "namespaces" && value.Name() is "default" or "kube-system" or "kube-public" && kind.Resource == "namespaces")
            throw StatusErrors.Forbidden(kind.Kind, value.Name(), "this namespace may not be deleted");
    }

    public void StartNamespaceDeletion(JsonObject value) => value.Ensure("status")["phase"] = "Terminating";

    /// <summary>Whether endpoints may name loopback addresses.</summary>
    public bool AllowLoopbackEndpoints => options.AllowLoopbackEndpoints;

    private static JsonObject Without(JsonObject value, bool status)
    {
        var copy = value.CopyObject();
        copy.Remove("metadata");
        if (status) copy.Remove("status");
        return copy;
    }

    private static bool ResetsStatus(ServedKind kind) => kind.Kind.Kind is not ("Namespace" or "Node" or "PersistentVolume" or "CustomResourceDefinition") || kind.Custom is not null;

    private static bool KeepsStatus(ServedKind kind) => kind.Custom is not null || kind.Kind.Kind is not "Event";

    private static void ResetStatus(ServedKind kind, JsonObject value)
    {
        if (kind.Custom is not null) value.Remove("status");
        else if (kind.Kind.Kind == "Pod") value["status"] = new JsonObject { ["phase"] = "Pending" };
        else value["status"] = new JsonObject();
    }

    private static void CheckFinalizers(ServedKind kind, JsonObject old, JsonObject value)
    {
        if (!old.IsDeleting()) return;
        var before = old.Object("metadata").Array("finalizers").Texts().ToHashSet(StringComparer.Ordinal);
        var added = value.Object("metadata").Array("finalizers").Texts().Where(f => !before.Contains(f)).ToArray();
        if (added.Length == 0) return;
        throw StatusErrors.Invalid(kind.Kind, value.Name(),
            // The real server looks twice at the metadata of an update, and reports twice.
            [.. Enumerable.Repeat(new StatusCause("FieldValueForbidden", "metadata.finalizers", $"Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{{{string.Join(", ", added.Select(StatusErrors.Quote))}}}"), 2)]);
    }
}
