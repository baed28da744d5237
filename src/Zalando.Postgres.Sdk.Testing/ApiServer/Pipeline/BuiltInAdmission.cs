using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Testing.ApiServer.Admission;
using Zalando.Postgres.Sdk.Testing.ApiServer.Kinds;
using Zalando.Postgres.Sdk.Testing.ApiServer.Storage;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Pipeline;

/// <summary>The admission plugins that are on by default, as far as they change objects, and what the server sets itself on create.</summary>
internal static class BuiltInAdmission
{
    public static void OnCreate(ServedKind kind, JsonObject value, ObjectPipeline pipeline, WriteContext context)
    {
        switch (kind.Kind.QualifiedName)
        {
            case "namespaces":
                value.Metadata().Ensure("labels")["kubernetes.io/metadata.name"] = value.Name();
                var finalizers = value.Ensure("spec").Array("finalizers");
                if (finalizers is null) value.Ensure("spec")["finalizers"] = new JsonArray("kubernetes");
                else if (!finalizers.Texts().Contains("kubernetes")) finalizers.AddNode("kubernetes");
                value["status"] = new JsonObject { ["phase"] = "Active" };
                break;
            case "persistentvolumeclaims":
                AddFinalizer(value, "kubernetes.io/pvc-protection");
                if (!value.Ensure("spec").ContainsKey("storageClassName") && DefaultStorageClass(pipeline.Store) is { } storageClass) value.Ensure("spec")["storageClassName"] = storageClass;
                if (value.Object("metadata").Object("annotations").Text("volume.beta.kubernetes.io/storage-class") is not null)
                    context.Warnings.Add("metadata.annotations[volume.beta.kubernetes.io/storage-class]: deprecated since v1.8; use \"storageClassName\" attribute instead");
                break;
            case "persistentvolumes":
                AddFinalizer(value, "kubernetes.io/pv-protection");
                value["status"] = new JsonObject { ["phase"] = "Pending", ["lastPhaseTransitionTime"] = pipeline.Now };
                break;
            case "pods": PodAdmission.OnCreate(value, pipeline); break;
            case "nodes":
                var spec = value.Ensure("spec");
                if (spec["taints"] is not JsonArray taints) spec["taints"] = taints = [];
                taints.AddNode(new JsonObject { ["key"] = "node.kubernetes.io/not-ready", ["effect"] = "NoSchedule" });
                if (spec.Text("podCIDR") is { } range && !spec.ContainsKey("podCIDRs")) spec["podCIDRs"] = new JsonArray(range);
                break;
            case "mutatingwebhookconfigurations.admissionregistration.k8s.io": WebhookConfigurations.Complete(value, mutating: true); break;
            case "validatingwebhookconfigurations.admissionregistration.k8s.io": WebhookConfigurations.Complete(value, mutating: false); break;
            case "jobs.batch": JobLabels(value); break;
            case "daemonsets.apps": value.Metadata().Ensure("annotations")["deprecated.daemonset.template.generation"] = "1"; break;
            case "customresourcedefinitions.apiextensions.k8s.io": CustomDefinitions.OnCreate(value); break;
        }
    }

    public static void OnUpdate(ServedKind kind, JsonObject old, JsonObject value, string? subresource, WriteContext context)
    {
        switch (kind.Kind.QualifiedName)
        {
            case "namespaces":
                value.Metadata().Ensure("labels")["kubernetes.io/metadata.name"] = value.Name();
                if (subresource is null) value.Ensure("spec").Put("finalizers", old.Object("spec")?["finalizers"]?.DeepClone());
                else if (subresource == "finalize" && value.Object("spec") is { } spec && spec.Array("finalizers") is null or { Count: 0 }) value.Object("spec")?.Remove("finalizers");
                break;
            case "mutatingwebhookconfigurations.admissionregistration.k8s.io": WebhookConfigurations.Complete(value, mutating: true); break;
            case "validatingwebhookconfigurations.admissionregistration.k8s.io": WebhookConfigurations.Complete(value, mutating: false); break;
            case "services" when subresource == "status":
                if (value.Object("spec").Text("type") != "LoadBalancer") break;
                foreach (var ingress in (value.Object("status").Object("loadBalancer").Array("ingress") ?? []).OfType<JsonObject>().Where(static i => i.Text("ip") is { Length: > 0 } && !i.ContainsKey("ipMode")))
                    ingress["ipMode"] = "VIP";
                break;
            case "services" when subresource is null: ServiceTypeChange.Apply(old, value); break;
            case "pods" when subresource is null:
                // Everything that the server has filled in stays when a client leaves it out.
                var oldSpec = old.Object("spec");
                var newSpec = value.Ensure("spec");
                foreach (var field in (ReadOnlySpan<string>)["nodeName", "serviceAccountName", "serviceAccount", "priority", "preemptionPolicy"])
                {
                    if (!newSpec.ContainsKey(field) && oldSpec?[field] is { } kept) newSpec[field] = kept.DeepClone();
                }

                break;
        }
    }

    private static string? DefaultStorageClass(ObjectStore store) => store.List(KubernetesKinds.StorageClass.QualifiedName, null)
        .Where(static c => c.Value.Object("metadata").Object("annotations").Text("storageclass.kubernetes.io/is-default-class") == "true")
        .Select(static c => c.Key.Name).LastOrDefault();

    private static void JobLabels(JsonObject job)
    {
        var spec = job.Ensure("spec");
        if (spec.Flag("manualSelector") == true) return;
        var template = spec.Ensure("template").Metadata();
        foreach (var labels in (ReadOnlySpan<JsonObject>)[template.Ensure("labels")])
        {
            labels["batch.kubernetes.io/controller-uid"] = job.Uid();
            labels["batch.kubernetes.io/job-name"] = job.Name();
            labels["controller-uid"] = job.Uid();
            labels["job-name"] = job.Name();
        }

        if (job.Object("metadata").Object("labels") is not { Count: > 0 }) job.Metadata()["labels"] = template.Object("labels")!.DeepClone();
        // A selector of the client's own stays, and is refused by validation.
        spec.Ensure("selector").Ensure("matchLabels")["batch.kubernetes.io/controller-uid"] = job.Uid();
    }

    private static void AddFinalizer(JsonObject value, string finalizer)
    {
        var metadata = value.Metadata();
        if (metadata["finalizers"] is not JsonArray list) metadata["finalizers"] = list = [];
        if (!list.Texts().Contains(finalizer)) list.AddNode(finalizer);
    }
}
