using System.Collections.Frozen;
using System.Globalization;

namespace Zalando.Postgres.Sdk.Testing.ApiServer.Http.Protobuf;

/// <summary>The numbers of the fields of the messages that clients send.</summary>
/// <remarks>
/// Written as <c>name=number</c>. A star marks a field where zero, false and empty text are something else than absence. A roof marks a message whose fields
/// belong to the outer object in JSON. Types are not repeated here: they are in the published schemas.
/// </remarks>
internal static class ProtobufFields
{
    private const string OfMostKinds = "metadata=1 spec=2 status=3";

    private static readonly FrozenDictionary<string, FrozenDictionary<int, ProtobufField>> Messages = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["meta.v1.ObjectMeta"] = "name=1 generateName=2 namespace=3 selfLink=4 uid=5 resourceVersion=6 generation=7 creationTimestamp=8 deletionTimestamp=9 "
            + "deletionGracePeriodSeconds*=10 labels=11 annotations=12 ownerReferences=13 finalizers=14 managedFields=17",
        ["meta.v1.OwnerReference"] = "kind=1 name=3 uid=4 apiVersion=5 controller*=6 blockOwnerDeletion*=7",
        ["meta.v1.ManagedFieldsEntry"] = "manager=1 operation=2 apiVersion=3 time=4 fieldsType=6 fieldsV1=7 subresource=8",
        ["meta.v1.DeleteOptions"] = "gracePeriodSeconds*=1 preconditions=2 orphanDependents*=3 propagationPolicy*=4 dryRun=5 ignoreStoreReadErrorWithClusterBreakingPotential*=6",
        ["meta.v1.Preconditions"] = "uid*=1 resourceVersion*=2",
        ["meta.v1.LabelSelector"] = "matchLabels=1 matchExpressions=2",
        ["meta.v1.LabelSelectorRequirement"] = "key=1 operator=2 values=3",
        ["meta.v1.Condition"] = "type=1 status=2 observedGeneration=3 lastTransitionTime=4 reason=5 message=6",

        ["core.v1.Namespace"] = OfMostKinds,
        ["core.v1.NamespaceSpec"] = "finalizers=1",
        ["core.v1.NamespaceStatus"] = "phase=1",
        ["core.v1.ConfigMap"] = "metadata=1 data=2 binaryData=3 immutable*=4",
        ["core.v1.Secret"] = "metadata=1 data=2 type=3 stringData=4 immutable*=5",
        ["core.v1.ServiceAccount"] = "metadata=1 secrets=2 imagePullSecrets=3 automountServiceAccountToken*=4",
        ["core.v1.ObjectReference"] = "kind=1 namespace=2 name=3 uid=4 apiVersion=5 resourceVersion=6 fieldPath=7",
        ["core.v1.LocalObjectReference"] = "name=1",
        ["core.v1.Binding"] = "metadata=1 target=2",
        ["core.v1.Event"] = "metadata=1 involvedObject=2 reason=3 message=4 source=5 firstTimestamp=6 lastTimestamp=7 count=8 type=9 eventTime=10 series=11 action=12 related=13 "
            + "reportingComponent=14 reportingInstance=15",
        ["core.v1.EventSource"] = "component=1 host=2",
        ["core.v1.EventSeries"] = "count=1 lastObservedTime=2",
        ["core.v1.Service"] = OfMostKinds,
        ["core.v1.ServiceSpec"] = "ports=1 selector=2 clusterIP=3 type=4 externalIPs=5 sessionAffinity=7 loadBalancerIP=8 loadBalancerSourceRanges=9 externalName=10 externalTrafficPolicy=11 "
            + "healthCheckNodePort=12 publishNotReadyAddresses=13 sessionAffinityConfig=14 ipFamilyPolicy*=17 clusterIPs=18 ipFamilies=19 allocateLoadBalancerNodePorts*=20 loadBalancerClass*=21 "
            + "internalTrafficPolicy*=22 trafficDistribution*=23",
        ["core.v1.ServicePort"] = "name=1 protocol=2 port=3 targetPort=4 nodePort=5 appProtocol*=6",
        ["core.v1.ServiceStatus"] = "loadBalancer=1 conditions=2",
        ["core.v1.LoadBalancerStatus"] = "ingress=1",
        ["core.v1.LoadBalancerIngress"] = "ip=1 hostname=2 ipMode*=3",
        ["core.v1.ResourceQuota"] = OfMostKinds,
        ["core.v1.ResourceQuotaSpec"] = "hard=1 scopes=2 scopeSelector=3",
        ["core.v1.ResourceQuotaStatus"] = "hard=1 used=2",
        ["core.v1.PersistentVolumeClaim"] = OfMostKinds,
        ["core.v1.PersistentVolumeClaimSpec"] = "accessModes=1 resources=2 volumeName=3 selector=4 storageClassName*=5 volumeMode*=6 dataSource=7 dataSourceRef=8 volumeAttributesClassName*=9",
        ["core.v1.PersistentVolumeClaimStatus"] = "phase=1 accessModes=2 capacity=3",
        ["core.v1.VolumeResourceRequirements"] = "limits=1 requests=2",

        ["core.v1.Pod"] = OfMostKinds,
        ["core.v1.PodStatus"] = "phase=1 message=3 reason=4 hostIP=5 podIP=6 startTime=7 qosClass=9",
        ["core.v1.PodTemplateSpec"] = "metadata=1 spec=2",
        ["core.v1.PodSpec"] = "volumes=1 containers=2 restartPolicy=3 terminationGracePeriodSeconds*=4 activeDeadlineSeconds*=5 dnsPolicy=6 nodeSelector=7 serviceAccountName=8 serviceAccount=9 nodeName=10 "
            + "hostNetwork=11 hostPID=12 hostIPC=13 securityContext=14 imagePullSecrets=15 hostname=16 subdomain=17 affinity=18 schedulerName=19 initContainers=20 automountServiceAccountToken*=21 "
            + "tolerations=22 hostAliases=23 priorityClassName=24 priority*=25 dnsConfig=26 shareProcessNamespace*=27 readinessGates=28 runtimeClassName*=29 enableServiceLinks*=30 preemptionPolicy*=31 "
            + "overhead=32 topologySpreadConstraints=33 setHostnameAsFQDN*=35 os=36 hostUsers*=37",
        ["core.v1.Container"] = "name=1 image=2 command=3 args=4 workingDir=5 ports=6 env=7 resources=8 volumeMounts=9 livenessProbe=10 readinessProbe=11 lifecycle=12 terminationMessagePath=13 "
            + "imagePullPolicy=14 securityContext=15 stdin=16 stdinOnce=17 tty=18 envFrom=19 terminationMessagePolicy=20 volumeDevices=21 startupProbe=22 restartPolicy*=24",
        ["core.v1.ContainerPort"] = "name=1 hostPort=2 containerPort=3 protocol=4 hostIP=5",
        ["core.v1.EnvVar"] = "name=1 value=2 valueFrom=3",
        ["core.v1.EnvVarSource"] = "fieldRef=1 resourceFieldRef=2 configMapKeyRef=3 secretKeyRef=4",
        ["core.v1.ObjectFieldSelector"] = "apiVersion=1 fieldPath=2",
        ["core.v1.ResourceFieldSelector"] = "containerName=1 resource=2 divisor=3",
        ["core.v1.ConfigMapKeySelector"] = "^core.v1.LocalObjectReference=1 key=2 optional*=3",
        ["core.v1.SecretKeySelector"] = "^core.v1.LocalObjectReference=1 key=2 optional*=3",
        ["core.v1.EnvFromSource"] = "prefix=1 configMapRef=2 secretRef=3",
        ["core.v1.ConfigMapEnvSource"] = "^core.v1.LocalObjectReference=1 optional*=2",
        ["core.v1.SecretEnvSource"] = "^core.v1.LocalObjectReference=1 optional*=2",
        ["core.v1.ResourceRequirements"] = "limits=1 requests=2",
        ["core.v1.VolumeMount"] = "name=1 readOnly=2 mountPath=3 subPath=4 mountPropagation*=5 subPathExpr=6",
        ["core.v1.VolumeDevice"] = "name=1 devicePath=2",
        ["core.v1.Probe"] = "^core.v1.ProbeHandler=1 initialDelaySeconds=2 timeoutSeconds=3 periodSeconds=4 successThreshold=5 failureThreshold=6 terminationGracePeriodSeconds*=7",
        ["core.v1.ProbeHandler"] = "exec=1 httpGet=2 tcpSocket=3 grpc=4",
        ["core.v1.Lifecycle"] = "postStart=1 preStop=2",
        ["core.v1.LifecycleHandler"] = "exec=1 httpGet=2 tcpSocket=3 sleep=4",
        ["core.v1.ExecAction"] = "command=1",
        ["core.v1.HTTPGetAction"] = "path=1 port=2 host=3 scheme=4 httpHeaders=5",
        ["core.v1.HTTPHeader"] = "name=1 value=2",
        ["core.v1.TCPSocketAction"] = "port=1 host=2",
        ["core.v1.GRPCAction"] = "port=1 service*=2",
        ["core.v1.SleepAction"] = "seconds=1",
        ["core.v1.SecurityContext"] = "capabilities=1 privileged*=2 seLinuxOptions=3 runAsUser*=4 runAsNonRoot*=5 readOnlyRootFilesystem*=6 allowPrivilegeEscalation*=7 runAsGroup*=8 procMount*=9 seccompProfile=11",
        ["core.v1.PodSecurityContext"] = "seLinuxOptions=1 runAsUser*=2 runAsNonRoot*=3 supplementalGroups=4 fsGroup*=5 runAsGroup*=6 sysctls=7 fsGroupChangePolicy*=9 seccompProfile=10",
        ["core.v1.Capabilities"] = "add=1 drop=2",
        ["core.v1.SELinuxOptions"] = "user=1 role=2 type=3 level=4",
        ["core.v1.SeccompProfile"] = "type=1 localhostProfile*=2",
        ["core.v1.Sysctl"] = "name=1 value=2",
        ["core.v1.Toleration"] = "key=1 operator=2 value=3 effect=4 tolerationSeconds*=5",
        ["core.v1.HostAlias"] = "ip=1 hostnames=2",
        ["core.v1.Volume"] = "name=1 ^core.v1.VolumeSource=2",
        ["core.v1.VolumeSource"] = "hostPath=1 emptyDir=2 secret=6 persistentVolumeClaim=10 configMap=19",
        ["core.v1.HostPathVolumeSource"] = "path=1 type*=2",
        ["core.v1.EmptyDirVolumeSource"] = "medium=1 sizeLimit=2",
        ["core.v1.SecretVolumeSource"] = "secretName=1 items=2 defaultMode*=3 optional*=4",
        ["core.v1.ConfigMapVolumeSource"] = "^core.v1.LocalObjectReference=1 items=2 defaultMode*=3 optional*=4",
        ["core.v1.KeyToPath"] = "key=1 path=2 mode*=3",
        ["core.v1.PersistentVolumeClaimVolumeSource"] = "claimName=1 readOnly=2",

        ["apps.v1.Deployment"] = OfMostKinds,
        ["apps.v1.DeploymentSpec"] = "replicas*=1 selector=2 template=3 strategy=4 minReadySeconds=5 revisionHistoryLimit*=6 paused=7 progressDeadlineSeconds*=9",
        ["apps.v1.DeploymentStrategy"] = "type=1 rollingUpdate=2",
        ["apps.v1.RollingUpdateDeployment"] = "maxUnavailable=1 maxSurge=2",
        ["apps.v1.DeploymentStatus"] = "observedGeneration=1 replicas=2 updatedReplicas=3 availableReplicas=4 unavailableReplicas=5 readyReplicas=7 collisionCount*=8",
        ["apps.v1.StatefulSet"] = OfMostKinds,
        ["apps.v1.StatefulSetSpec"] = "replicas*=1 selector=2 template=3 volumeClaimTemplates=4 serviceName=5 podManagementPolicy=6 updateStrategy=7 revisionHistoryLimit*=8 minReadySeconds=9 "
            + "persistentVolumeClaimRetentionPolicy=10",
        ["apps.v1.StatefulSetUpdateStrategy"] = "type=1 rollingUpdate=2",
        ["apps.v1.RollingUpdateStatefulSetStrategy"] = "partition*=1 maxUnavailable=2",
        ["apps.v1.StatefulSetPersistentVolumeClaimRetentionPolicy"] = "whenDeleted=1 whenScaled=2",
        ["apps.v1.StatefulSetStatus"] = "observedGeneration=1 replicas=2 readyReplicas=3 currentReplicas=4 updatedReplicas=5 currentRevision=6 updateRevision=7 collisionCount*=9 availableReplicas=11",

        ["batch.v1.Job"] = OfMostKinds,
        ["batch.v1.JobSpec"] = "parallelism*=1 completions*=2 activeDeadlineSeconds*=3 selector=4 manualSelector*=5 template=6 backoffLimit*=7 ttlSecondsAfterFinished*=8 completionMode*=9 suspend*=10 "
            + "backoffLimitPerIndex*=12 maxFailedIndexes*=13 podReplacementPolicy*=14 managedBy*=15",
        ["batch.v1.JobStatus"] = "startTime=2 completionTime=3 active=4 succeeded=5 failed=6 completedIndexes=7 ready*=9 failedIndexes*=10 terminating*=11",
        ["batch.v1.CronJob"] = OfMostKinds,
        ["batch.v1.CronJobSpec"] = "schedule=1 startingDeadlineSeconds*=2 concurrencyPolicy=3 suspend*=4 jobTemplate=5 successfulJobsHistoryLimit*=6 failedJobsHistoryLimit*=7 timeZone*=8",
        ["batch.v1.CronJobStatus"] = "active=1 lastScheduleTime=4 lastSuccessfulTime=5",
        ["batch.v1.JobTemplateSpec"] = "metadata=1 spec=2",

        ["rbac.v1.Role"] = "metadata=1 rules=2",
        ["rbac.v1.ClusterRole"] = "metadata=1 rules=2 aggregationRule=3",
        ["rbac.v1.AggregationRule"] = "clusterRoleSelectors=1",
        ["rbac.v1.PolicyRule"] = "verbs=1 apiGroups=2 resources=3 resourceNames=4 nonResourceURLs=5",
        ["rbac.v1.RoleBinding"] = "metadata=1 subjects=2 roleRef=3",
        ["rbac.v1.ClusterRoleBinding"] = "metadata=1 subjects=2 roleRef=3",
        ["rbac.v1.Subject"] = "kind=1 apiGroup=2 name=3 namespace=4",
        ["rbac.v1.RoleRef"] = "apiGroup=1 kind=2 name=3",

        ["policy.v1.PodDisruptionBudget"] = OfMostKinds,
        ["policy.v1.PodDisruptionBudgetSpec"] = "minAvailable=1 selector=2 maxUnavailable=3 unhealthyPodEvictionPolicy*=4",
        ["policy.v1.PodDisruptionBudgetStatus"] = "observedGeneration=1 disruptedPods=2 disruptionsAllowed=3 currentHealthy=4 desiredHealthy=5 expectedPods=6 conditions=7",
        ["policy.v1.Eviction"] = "metadata=1 deleteOptions=2",
        ["scheduling.v1.PriorityClass"] = "metadata=1 value=2 globalDefault=3 description=4 preemptionPolicy*=5",
        ["coordination.v1.Lease"] = "metadata=1 spec=2",
        ["coordination.v1.LeaseSpec"] = "holderIdentity*=1 leaseDurationSeconds*=2 acquireTime=3 renewTime=4 leaseTransitions*=5 strategy*=6 preferredHolder*=7",
        ["autoscaling.v1.Scale"] = OfMostKinds,
        ["autoscaling.v1.ScaleSpec"] = "replicas*=1",
        ["autoscaling.v1.ScaleStatus"] = "replicas=1 selector=2",

        ["networking.v1.Ingress"] = OfMostKinds,
        ["networking.v1.IngressSpec"] = "defaultBackend=1 tls=2 rules=3 ingressClassName*=4",
        ["networking.v1.IngressTLS"] = "hosts=1 secretName=2",
        ["networking.v1.IngressRule"] = "host=1 ^networking.v1.IngressRuleValue=2",
        ["networking.v1.IngressRuleValue"] = "http=1",
        ["networking.v1.HTTPIngressRuleValue"] = "paths=1",
        ["networking.v1.HTTPIngressPath"] = "path=1 backend=2 pathType=3",
        ["networking.v1.IngressBackend"] = "resource=3 service=4",
        ["networking.v1.IngressServiceBackend"] = "name=1 port=2",
        ["networking.v1.ServiceBackendPort"] = "name=1 number=2",
        ["networking.v1.IngressStatus"] = "loadBalancer=1",
        ["networking.v1.IngressLoadBalancerStatus"] = "ingress=1",

        ["authentication.v1.TokenRequest"] = OfMostKinds,
        ["authentication.v1.TokenRequestSpec"] = "audiences=1 boundObjectRef=3 expirationSeconds*=4",
        ["authentication.v1.BoundObjectReference"] = "kind=1 apiVersion=2 name=3 uid=4",
        ["authentication.v1.TokenRequestStatus"] = "token=1 expirationTimestamp=2",
        ["authentication.v1.TokenReview"] = OfMostKinds,
        ["authentication.v1.TokenReviewSpec"] = "token=1 audiences=2",
        ["authentication.v1.TokenReviewStatus"] = "authenticated=1 user=2 error=3 audiences=4",
        ["authentication.v1.UserInfo"] = "username=1 uid=2 groups=3 extra=4",
        ["authentication.v1.SelfSubjectReview"] = "metadata=1 status=2",
        ["authentication.v1.SelfSubjectReviewStatus"] = "userInfo=1",

        ["authorization.v1.SelfSubjectAccessReview"] = OfMostKinds,
        ["authorization.v1.SelfSubjectAccessReviewSpec"] = "resourceAttributes=1 nonResourceAttributes=2",
        ["authorization.v1.SubjectAccessReview"] = OfMostKinds,
        ["authorization.v1.LocalSubjectAccessReview"] = OfMostKinds,
        ["authorization.v1.SubjectAccessReviewSpec"] = "resourceAttributes=1 nonResourceAttributes=2 user=3 groups=4 extra=5 uid=6",
        ["authorization.v1.ResourceAttributes"] = "namespace=1 verb=2 group=3 version=4 resource=5 subresource=6 name=7",
        ["authorization.v1.NonResourceAttributes"] = "path=1 verb=2",
        ["authorization.v1.SubjectAccessReviewStatus"] = "allowed=1 reason=2 evaluationError=3 denied=4",
        ["authorization.v1.SelfSubjectRulesReview"] = OfMostKinds,
        ["authorization.v1.SelfSubjectRulesReviewSpec"] = "namespace=1",
        ["authorization.v1.SubjectRulesReviewStatus"] = "resourceRules=1 nonResourceRules=2 incomplete=3 evaluationError=4",
    }.ToFrozenDictionary(static pair => pair.Key, static pair => Parse(pair.Value), StringComparer.Ordinal);

    /// <summary>The fields of a message by number; null when the message is not known.</summary>
    /// <param name="schemaName">Full name of its schema, or the end of it, for example <c>core.v1.Pod</c>.</param>
    public static FrozenDictionary<int, ProtobufField>? Of(string schemaName)
    {
        // Two dots from the end: group, version, name.
        var name = schemaName.AsSpan();
        var at = name.Length;
        for (var dots = 0; dots < 3 && at >= 0; dots++) at = name[..at].LastIndexOf('.');
        return Messages.GetValueOrDefault(at < 0 ? schemaName : schemaName[(at + 1)..]);
    }

    private static FrozenDictionary<int, ProtobufField> Parse(string text) => text.Split(' ').Select(static field =>
    {
        var parts = field.Split('=');
        return (Number: int.Parse(parts[1], CultureInfo.InvariantCulture), Field: new ProtobufField(parts[0].Trim('*', '^'), parts[0].EndsWith('*'), parts[0].StartsWith('^')));
    }).ToFrozenDictionary(static pair => pair.Number, static pair => pair.Field);
}
