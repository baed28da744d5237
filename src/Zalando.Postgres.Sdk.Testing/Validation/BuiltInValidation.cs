using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Testing.ApiServer.Storage;
using StatusCause = Zalando.Postgres.Sdk.Testing.ApiServer.StatusCause;

namespace Zalando.Postgres.Sdk.Testing.Validation;

/// <summary>What the API server refuses in objects of the built-in kinds, with its own reasons and field paths. Objects must have their defaults.
/// Metadata is looked at elsewhere: it is the same for all kinds.</summary>
public static class BuiltInValidation
{
    /// <summary>The faults of a new object.</summary>
    /// <param name="kind">Kind of the object.</param>
    /// <param name="value">The object with defaults and generated fields.</param>
    /// <returns>The faults in the server's order; empty for none.</returns>
    public static IReadOnlyList<StatusCause> ValidateCreate(KubernetesKind kind, JsonObject value)
    {
        ArgumentNullException.ThrowIfNull(kind);
        ArgumentNullException.ThrowIfNull(value);
        var faults = new FaultList();
        Validate(kind, value, null, faults);
        return faults.Faults;
    }

    /// <summary>The faults of a changed object.</summary>
    /// <param name="kind">Kind of the object.</param>
    /// <param name="value">The object as it would be stored.</param>
    /// <param name="old">The object as it is stored.</param>
    /// <param name="subresource">What is written: <c>status</c> for the status alone; null for the object.</param>
    /// <returns>The faults in the server's order; empty for none.</returns>
    public static IReadOnlyList<StatusCause> ValidateUpdate(KubernetesKind kind, JsonObject value, JsonObject old, string? subresource)
    {
        ArgumentNullException.ThrowIfNull(kind);
        ArgumentNullException.ThrowIfNull(value);
        ArgumentNullException.ThrowIfNull(old);
        var faults = new FaultList();
        if (subresource == "status") StatusValidation.Validate(kind, value, faults);
        else if (subresource == "resize") PodResizeValidation.Validate(value, old, faults);
        else if (subresource is null) Validate(kind, value, old, faults);
        return faults.Faults;
    }

    private static void Validate(KubernetesKind kind, JsonObject value, JsonObject? old, FaultList faults)
    {
        switch (kind.QualifiedName)
        {
            case "pods": PodValidation.Validate(value, old, faults); break;
            case "services": ServiceValidation.Validate(value, old, faults); break;
            case "configmaps": DataValidation.ConfigMap(value, old, faults); break;
            case "secrets": DataValidation.Secret(value, old, faults); break;
            case "persistentvolumeclaims": VolumeValidation.Claim(value, old, faults); break;
            case "persistentvolumes": VolumeValidation.Volume(value, old, faults); break;
            case "statefulsets.apps": WorkloadValidation.StatefulSet(value, old, faults); break;
            case "deployments.apps": WorkloadValidation.Deployment(value, old, faults); break;
            case "replicasets.apps": WorkloadValidation.ReplicaSet(value, old, faults); break;
            case "daemonsets.apps": WorkloadValidation.DaemonSet(value, old, faults); break;
            case "jobs.batch": JobValidation.Job(value, old, faults); break;
            case "cronjobs.batch": JobValidation.CronJob(value, old, faults); break;
            case "poddisruptionbudgets.policy": PolicyValidation.Budget(value, faults); break;
            case "roles.rbac.authorization.k8s.io": PolicyValidation.Role(value, namespaced: true, faults); break;
            case "clusterroles.rbac.authorization.k8s.io": PolicyValidation.Role(value, namespaced: false, faults); break;
            case "rolebindings.rbac.authorization.k8s.io": PolicyValidation.Binding(value, old, namespaced: true, faults); break;
            case "clusterrolebindings.rbac.authorization.k8s.io": PolicyValidation.Binding(value, old, namespaced: false, faults); break;
            case "leases.coordination.k8s.io": OtherValidation.Lease(value, faults); break;
            case "storageclasses.storage.k8s.io": OtherValidation.StorageClass(value, old, faults); break;
            case "priorityclasses.scheduling.k8s.io": OtherValidation.PriorityClass(value, old, faults); break;
            case "endpointslices.discovery.k8s.io": OtherValidation.EndpointSlice(value, old, faults); break;
            case "horizontalpodautoscalers.autoscaling": AutoscalerValidation.Autoscaler(value, faults); break;
            case "ingresses.networking.k8s.io": NetworkingValidation.Ingress(value, faults); break;
            case "ingressclasses.networking.k8s.io": NetworkingValidation.IngressClass(value, old, faults); break;
            case "networkpolicies.networking.k8s.io": NetworkingValidation.Policy(value, faults); break;
            case "endpoints": NetworkingValidation.Endpoints(value, faults); break;
            case "limitranges": QuotaValidation.LimitRange(value, faults); break;
            case "resourcequotas": QuotaValidation.Quota(value, faults); break;
            case "events": OtherValidation.CoreEvent(value, faults); break;
            case "events.events.k8s.io": OtherValidation.NewEvent(value, old, faults); break;
        }
    }
}
