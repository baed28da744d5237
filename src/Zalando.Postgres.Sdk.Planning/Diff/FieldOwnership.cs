namespace Zalando.Postgres.Sdk.Planning.Diff;

/// <summary>Which fields of a published type are the operator's. All others belong to the server, to controllers or to people, and are never a difference.</summary>
internal static class FieldOwnership
{
    private const string Core = "io.k8s.api.core.v1.";

    private static readonly Dictionary<string, HashSet<string>> ByType = new(StringComparer.Ordinal)
    {
        [Core + "PodSpec"] = Set(
            "serviceAccountName", "terminationGracePeriodSeconds", "containers", "initContainers", "tolerations", "securityContext", "restartPolicy",
            "schedulerName", "affinity", "priorityClassName", "topologySpreadConstraints", "volumes"),
        [Core + "PodSecurityContext"] = Set("runAsUser", "runAsGroup", "fsGroup"),
        [Core + "ServiceSpec"] = Set("ports", "selector", "type", "loadBalancerSourceRanges", "externalTrafficPolicy"),
        [Core + "ServicePort"] = Set("name", "port", "protocol", "targetPort"),
        [Core + "PersistentVolumeClaimSpec"] = Set("accessModes", "resources", "selector", "volumeMode"),
        [Core + "PersistentVolumeClaim"] = Set("metadata", "spec"),
        ["io.k8s.api.apps.v1.StatefulSetSpec"] = Set(
            "replicas", "selector", "serviceName", "podManagementPolicy", "updateStrategy", "persistentVolumeClaimRetentionPolicy", "volumeClaimTemplates", "template"),
        ["io.k8s.api.apps.v1.DeploymentSpec"] = Set("replicas", "selector", "template"),
        ["io.k8s.api.batch.v1.CronJobSpec"] = Set("schedule", "concurrencyPolicy", "successfulJobsHistoryLimit", "failedJobsHistoryLimit", "jobTemplate"),
        ["io.k8s.api.batch.v1.JobSpec"] = Set("ttlSecondsAfterFinished", "template"),
        ["io.k8s.api.policy.v1.PodDisruptionBudgetSpec"] = Set("minAvailable", "maxUnavailable", "selector"),
    };

    /// <summary>The owned fields of a type; null when all are owned.</summary>
    public static HashSet<string>? Of(string? schemaName) => schemaName is null ? null : ByType.GetValueOrDefault(schemaName);

    private static HashSet<string> Set(params string[] names) => names.ToHashSet(StringComparer.Ordinal);
}
