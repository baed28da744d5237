using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Kinds;

/// <summary>Where the built-in kinds differ in how they are stored.</summary>
internal static class KindRules
{
    private static readonly HashSet<string> Generation = new(StringComparer.Ordinal)
    {
        "pods", "statefulsets.apps", "deployments.apps", "replicasets.apps", "daemonsets.apps", "jobs.batch", "cronjobs.batch",
        "poddisruptionbudgets.policy", "networkpolicies.networking.k8s.io", "ingresses.networking.k8s.io", "ingressclasses.networking.k8s.io",
        "customresourcedefinitions.apiextensions.k8s.io", "endpointslices.discovery.k8s.io", "priorityclasses.scheduling.k8s.io",
        "replicationcontrollers", "podtemplates", "validatingwebhookconfigurations.admissionregistration.k8s.io",
        "mutatingwebhookconfigurations.admissionregistration.k8s.io",
    };

    private static readonly HashSet<string> CreatedByPut = new(StringComparer.Ordinal)
    {
        "leases.coordination.k8s.io", "endpoints", "services", "roles.rbac.authorization.k8s.io", "rolebindings.rbac.authorization.k8s.io",
        "clusterroles.rbac.authorization.k8s.io", "clusterrolebindings.rbac.authorization.k8s.io", "events", "events.events.k8s.io", "limitranges", "podtemplates",
    };

    private static readonly HashSet<string> AnswersWithObject = new(StringComparer.Ordinal)
    {
        "pods", "services", "serviceaccounts", "podtemplates", "persistentvolumes", "persistentvolumeclaims", "resourcequotas", "storageclasses.storage.k8s.io",
    };

    /// <summary>What every answer about a deprecated kind warns of; null for the others.</summary>
    public static string? DeprecationWarning(KubernetesKind kind) => kind.QualifiedName switch
    {
        "endpoints" => "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice",
        "componentstatuses" => "v1 ComponentStatus is deprecated in v1.19+",
        _ => null,
    };

    public static bool HasGeneration(KubernetesKind kind) => Generation.Contains(kind.QualifiedName);

    /// <summary>Whether a PUT makes an object that does not exist.</summary>
    public static bool PutCreates(KubernetesKind kind) => CreatedByPut.Contains(kind.QualifiedName);

    /// <summary>Whether a PUT may leave the version out.</summary>
    public static bool PutNeedsVersion(ServedKind kind) =>
        kind.Custom is not null || kind.Kind.QualifiedName is "leases.coordination.k8s.io" or "poddisruptionbudgets.policy"
            or "customresourcedefinitions.apiextensions.k8s.io" or "validatingwebhookconfigurations.admissionregistration.k8s.io"
            or "mutatingwebhookconfigurations.admissionregistration.k8s.io";

    /// <summary>Whether the answer to a DELETE is the removed object and not a Status.</summary>
    public static bool DeleteAnswersWithObject(KubernetesKind kind) => AnswersWithObject.Contains(kind.QualifiedName);

    /// <summary>Whether the whole object but metadata and status counts for the generation.</summary>
    public static bool StatusIsReset(KubernetesKind kind) => kind.QualifiedName is not ("namespaces" or "nodes");
}
