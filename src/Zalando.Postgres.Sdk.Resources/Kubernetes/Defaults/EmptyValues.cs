using System.Collections.Frozen;

namespace Zalando.Postgres.Sdk.Resources.Kubernetes.Defaults;

/// <summary>Which fields the server writes even when they are empty, and which it drops when they are: the published schema says it for required
/// fields only. For the others, texts are plain values (empty is dropped) unless listed, numbers and booleans are pointers (0 and false
/// are kept) unless listed.</summary>
internal static class EmptyValues
{
    private static readonly FrozenSet<string> KeptTexts = Set("""
        core/PersistentVolumeClaimSpec.storageClassName core/PersistentVolumeClaimSpec.volumeAttributesClassName
        core/PersistentVolumeSpec.volumeAttributesClassName core/PersistentVolumeClaimStatus.currentVolumeAttributesClassName
        core/HostPathVolumeSource.type core/GRPCAction.service core/CSIVolumeSource.fsType
        core/ServicePort.appProtocol core/EndpointPort.appProtocol core/ServiceSpec.loadBalancerClass
        core/ServiceSpec.trafficDistribution core/TypedLocalObjectReference.apiGroup core/TypedObjectReference.apiGroup
        core/TypedObjectReference.namespace core/SeccompProfile.localhostProfile core/AppArmorProfile.localhostProfile
        core/PodSpec.runtimeClassName core/PodSpec.hostnameOverride core/PodDNSConfigOption.value
        core/AzureFilePersistentVolumeSource.secretNamespace core/EndpointAddress.nodeName
        core/WindowsSecurityContextOptions.gmsaCredentialSpec core/WindowsSecurityContextOptions.gmsaCredentialSpecName
        core/WindowsSecurityContextOptions.runAsUserName core/ClusterTrustBundleProjection.name core/ClusterTrustBundleProjection.signerName
        discovery/Endpoint.hostname discovery/Endpoint.nodeName discovery/Endpoint.zone
        discovery/EndpointPort.name discovery/EndpointPort.protocol discovery/EndpointPort.appProtocol
        coordination/LeaseSpec.holderIdentity coordination/LeaseSpec.preferredHolder coordination/LeaseSpec.strategy
        batch/CronJobSpec.timeZone batch/JobSpec.managedBy batch/JobStatus.failedIndexes batch/SuccessPolicyRule.succeededIndexes
        networking/IngressSpec.ingressClassName networking/IngressClassParametersReference.apiGroup
        networking/IngressClassParametersReference.scope networking/IngressClassParametersReference.namespace
        """);

    private static readonly FrozenSet<string> DroppedNumbers = Set("""
        minReadySeconds hostPort nodePort healthCheckNodePort initialDelaySeconds core/Probe.timeoutSeconds periodSeconds successThreshold
        failureThreshold core/AWSElasticBlockStoreVolumeSource.partition core/GCEPersistentDiskVolumeSource.partition core/Event.count
        events/Event.deprecatedCount observedGeneration generation active failed succeeded readyReplicas updatedReplicas currentReplicas
        unavailableReplicas fullyLabeledReplicas numberAvailable numberUnavailable updatedNumberScheduled
        apps/DeploymentStatus.replicas apps/DeploymentStatus.availableReplicas apps/ReplicaSetStatus.availableReplicas
        core/ReplicationControllerStatus.availableReplicas core/ContainerStateTerminated.signal
        apiextensions/CustomResourceColumnDefinition.priority networking/ServiceBackendPort.number
        """);

    private static readonly FrozenSet<string> DroppedBooleans = Set("""
        stdin stdinOnce tty hostIPC hostNetwork hostPID readOnly sslEnabled chapAuthDiscovery chapAuthSession paused publishNotReadyAddresses
        unschedulable globalDefault denied authenticated deprecated apiextensions/CustomResourceDefinitionSpec.preserveUnknownFields
        exclusiveMaximum exclusiveMinimum uniqueItems nullable x-kubernetes-embedded-resource x-kubernetes-int-or-string
        """);

    private static readonly FrozenSet<string> KeptBooleans = Set("core/AzureDiskVolumeSource.readOnly core/CSIVolumeSource.readOnly");

    /// <summary>Optional fields that are written even when empty.</summary>
    private static readonly FrozenSet<string> AlwaysWrittenOptional = Set("""
        core/Event.firstTimestamp core/Event.lastTimestamp core/Event.eventTime core/Event.reportingComponent core/Event.reportingInstance
        events/Event.deprecatedFirstTimestamp events/Event.deprecatedLastTimestamp
        apps/StatefulSetSpec.serviceName apps/StatefulSetStatus.availableReplicas apps/StatefulSetOrdinals.start
        policy/PodDisruptionBudgetStatus.currentHealthy policy/PodDisruptionBudgetStatus.desiredHealthy
        policy/PodDisruptionBudgetStatus.disruptionsAllowed policy/PodDisruptionBudgetStatus.expectedPods
        discovery/EndpointSlice.endpoints discovery/EndpointSlice.ports rbac/Role.rules rbac/ClusterRole.rules events/Event.eventTime
        core/ContainerStateRunning.startedAt core/ContainerStateTerminated.startedAt core/ContainerStateTerminated.finishedAt scheduling/PriorityClass.value
        apiextensions/CustomResourceDefinitionStatus.conditions apiextensions/CustomResourceDefinitionStatus.storedVersions
        """);

    /// <summary>Times inside conditions are plain values, and an unset one is written as null.</summary>
    private static readonly FrozenSet<string> ConditionTimes = Set("lastProbeTime lastTransitionTime lastUpdateTime lastHeartbeatTime");

    public static bool AlwaysWritten(string key, bool required, KubernetesSchema schema) =>
        AlwaysWrittenOptional.Contains(key)
        || (key.LastIndexOf("Condition.", StringComparison.Ordinal) is > 0 and var at && ConditionTimes.Contains(key[(at + 10)..]))
        // A required object that is no plain value is a pointer, and null is how its absence would be written; validation refuses that.
        || (required && !IsMetadata(key) && (schema.Type == "array" || schema.Default is not null));

    public static bool DropsWhenEmpty(string key, KubernetesSchema schema)
    {
        var name = key[(key.LastIndexOf('.') + 1)..];
        return schema.Type switch
        {
            "string" => !KeptTexts.Contains(key),
            "integer" => DroppedNumbers.Contains(name) || DroppedNumbers.Contains(key),
            "boolean" => (DroppedBooleans.Contains(name) || DroppedBooleans.Contains(key)) && !KeptBooleans.Contains(key),
            _ => true,
        };
    }

    private static bool IsMetadata(string key) => key.EndsWith(".metadata", StringComparison.Ordinal);

    private static FrozenSet<string> Set(string names) =>
        names.Split((char[])[' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries).ToFrozenSet(StringComparer.Ordinal);
}
