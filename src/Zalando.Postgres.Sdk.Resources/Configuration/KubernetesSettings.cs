using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Resources.Configuration;

/// <summary>Names, labels and shape of the Kubernetes objects, with defaults filled in.</summary>
public sealed record KubernetesSettings
{
    /// <summary>true adds an owner reference to the postgresql resource (controller true) on child objects, and disables the delete-annotation protection. false: children only copy owner references found on the postgresql object itself.</summary>
    /// <value><c>false</c>.</value>
    public required bool EnableOwnerReferences { get; init; }

    /// <summary>ServiceAccount of Postgres, pooler and backup pods; created in the cluster namespace when missing.</summary>
    /// <value><c>postgres-pod</c>.</value>
    public required string PodServiceAccountName { get; init; }

    /// <summary>Full ServiceAccount manifest used when creating the account. Name is overridden by <c>pod_service_account_name</c> (warning), namespace cleared.</summary>
    /// <value>None.</value>
    public required string PodServiceAccountDefinition { get; init; }

    /// <summary>Full RoleBinding manifest created in each cluster namespace. Never updated afterwards.</summary>
    /// <value>None.</value>
    public required string PodServiceAccountRoleBindingDefinition { get; init; }

    /// <summary><c>terminationGracePeriodSeconds</c> of Postgres, pooler and backup pods (truncated to seconds).</summary>
    /// <value><c>5m</c>.</value>
    public required TimeSpan PodTerminateGracePeriod { get; init; }

    /// <summary>Liveness probe of the Spilo container for clusters without <c>spec.livenessProbe</c>. CRD form only.</summary>
    /// <value>None.</value>
    public required Probe? LivenessProbe { get; init; }

    /// <summary><c>securityContext.privileged</c> of the Spilo and logical backup containers.</summary>
    /// <value><c>false</c>.</value>
    public required bool SpiloPrivileged { get; init; }

    /// <summary><c>securityContext.allowPrivilegeEscalation</c> of the Spilo and logical backup containers.</summary>
    /// <value><c>true</c>.</value>
    public required bool SpiloAllowPrivilegeEscalation { get; init; }

    /// <summary>Pod security context runAsUser; <c>spec.spiloRunAsUser</c> wins.</summary>
    /// <value>None.</value>
    public required long? SpiloRunAsUser { get; init; }

    /// <summary>Pod security context runAsGroup; <c>spec.spiloRunAsGroup</c> wins.</summary>
    /// <value>None.</value>
    public required long? SpiloRunAsGroup { get; init; }

    /// <summary>Pod security context fsGroup (also pooler pods); <c>spec.spiloFSGroup</c> wins.</summary>
    /// <value>None.</value>
    public required long? SpiloFSGroup { get; init; }

    /// <summary>Capabilities added to the Spilo container, upper-cased.</summary>
    /// <value>None.</value>
    public required IReadOnlyList<string> AdditionalPodCapabilities { get; init; }

    /// <summary>Namespace watched. <c>*</c> = all. Empty = operator namespace. Env WATCHED_NAMESPACE has priority.</summary>
    /// <value>None.</value>
    public required string WatchedNamespace { get; init; }

    /// <summary>Name of the primary PodDisruptionBudget.</summary>
    /// <value><c>postgres-{cluster}-pdb</c>; none when the group is absent.</value>
    public required string PdbNameFormat { get; init; }

    /// <summary>true adds <c>&lt;pod_role_label&gt;: master</c> to the primary PDB selector. false with <c>synchronous_mode_strict</c> sets minAvailable to synchronous_node_count + 1.</summary>
    /// <value><c>true</c>.</value>
    public required bool PdbMasterLabelSelector { get; init; }

    /// <summary>false keeps the PDB objects but with minAvailable 0 (primary) and maxUnavailable 100% (critical operations), and omits env <c>KUBERNETES_BOOTSTRAP_LABELS</c>.</summary>
    /// <value><c>true</c>.</value>
    public required bool EnablePodDisruptionBudget { get; init; }

    /// <summary><c>pvc</c>: PVC request is raised. <c>ebs</c>: AWS volume resized, then its file system in the pod, then PV updated. <c>mixed</c>: AWS API for size, type, iops, throughput, plus PVC change. <c>off</c>: no resize. <c>ebs</c> and <c>mixed</c> need rights on PersistentVolumes and a resizer for their provisioner.</summary>
    /// <value><c>pvc</c>.</value>
    public required string StorageResizeMode { get; init; }

    /// <summary>false: a manifest with <c>initContainers</c> cannot get a new StatefulSet (creation error); an existing one only logs a warning and the containers are still applied.</summary>
    /// <value><c>true</c>.</value>
    public required bool EnableInitContainers { get; init; }

    /// <summary>false: a manifest with <c>sidecars</c> cannot get a new StatefulSet (creation error); an existing one only logs a warning and the sidecars are still applied. Global sidecars unaffected.</summary>
    /// <value><c>true</c>.</value>
    public required bool EnableSidecars { get; init; }

    /// <summary>true mounts a memory emptyDir <c>postgresql-run</c> at <c>/var/run/postgresql</c> in every container of the pod.</summary>
    /// <value><c>false</c>.</value>
    public required bool SharePgSocketWithSidecars { get; init; }

    /// <summary>Name of credential Secrets.</summary>
    /// <value><c>{username}.{cluster}.credentials.{tprkind}.{tprgroup}</c>; none when the group is absent.</value>
    public required string SecretNameTemplate { get; init; }

    /// <summary>DNS suffix for the operator's own DB connections: <c>&lt;cluster&gt;.&lt;namespace&gt;.svc.&lt;cluster_domain&gt;</c>.</summary>
    /// <value><c>cluster.local</c>.</value>
    public required string ClusterDomain { get; init; }

    /// <summary>Secret with the Teams API token: keys <c>read-only-token-type</c> (must be <c>Bearer</c>) and <c>read-only-token-secret</c>.</summary>
    /// <value><c>postgres-operator</c>; in a ConfigMap <c>postgresql-operator</c>; none when the group is absent.</value>
    public required NamespacedName? OauthTokenSecretName { get; init; }

    /// <summary>Deprecated: Secret with numbered keys <c>user1</c>, <c>password1</c>, <c>inrole1</c>, ... and a ConfigMap of the same name. Write <c>infrastructure_roles_secrets</c> instead.</summary>
    /// <value>None.</value>
    public required NamespacedName? InfrastructureRolesSecretName { get; init; }

    /// <summary>Secrets that define roles for all clusters. In a ConfigMap: one definition as <c>name: value</c> pairs.</summary>
    /// <value>None.</value>
    public required IReadOnlyList<InfrastructureRoleSecret> InfrastructureRolesSecrets { get; init; }

    /// <summary>Label key Patroni sets to <c>master</c>/<c>replica</c>; env <c>KUBERNETES_ROLE_LABEL</c>, Service selectors, PDB selector.</summary>
    /// <value><c>spilo-role</c>.</value>
    public required string PodRoleLabel { get; init; }

    /// <summary>Labels on every object and selector; sent to Patroni as JSON in <c>KUBERNETES_LABELS</c>.</summary>
    /// <value><c>application:spilo</c>.</value>
    public required IReadOnlyDictionary<string, string> ClusterLabels { get; init; }

    /// <summary>Label keys copied from the postgresql object to child objects (exact key match).</summary>
    /// <value>None.</value>
    public required IReadOnlyList<string> InheritedLabels { get; init; }

    /// <summary>Annotation keys copied from the postgresql object to child objects (StatefulSet, pods, PVC template and PVCs, Services, Endpoints, Secrets, PDBs, pooler Deployment and pods, CronJob, Patroni objects, event streams).</summary>
    /// <value>None.</value>
    public required IReadOnlyList<string> InheritedAnnotations { get; init; }

    /// <summary>Annotation keys (regular expressions, unanchored) copied from the postgresql object to StatefulSet, pooler Deployment and event stream.</summary>
    /// <value>None.</value>
    public required IReadOnlyList<string> DownscalerAnnotations { get; init; }

    /// <summary>Annotation keys left out of every current/desired comparison.</summary>
    /// <value>None.</value>
    public required IReadOnlyList<string> IgnoredAnnotations { get; init; }

    /// <summary>Label key holding the cluster name on all objects; env <c>KUBERNETES_SCOPE_LABEL</c>; used to map pods to clusters.</summary>
    /// <value><c>cluster-name</c>.</value>
    public required string ClusterNameLabel { get; init; }

    /// <summary>Delete protection: the DELETE event is ignored unless the annotation with this key equals today's date <c>YYYY-MM-DD</c> (operator local time).</summary>
    /// <value>None.</value>
    public required string DeleteAnnotationDateKey { get; init; }

    /// <summary>Delete protection: the annotation with this key must equal the cluster name.</summary>
    /// <value>None.</value>
    public required string DeleteAnnotationNameKey { get; init; }

    /// <summary>Labels a node must carry. Adds a required node affinity to Postgres, pooler and backup pods; used to decide whether a node is ready or end-of-life for primary migration.</summary>
    /// <value>None.</value>
    public required IReadOnlyDictionary<string, string> NodeReadinessLabel { get; init; }

    /// <summary>How the readiness term joins required node affinity terms of the manifest: <c>OR</c> appends a term, <c>AND</c> adds the expressions to every term (and drops matchFields).</summary>
    /// <value>None; in a ConfigMap <c>OR</c>.</value>
    public required string NodeReadinessLabelMerge { get; init; }

    /// <summary>Annotations for Postgres, pooler and backup pods; <c>spec.podAnnotations</c> wins per key.</summary>
    /// <value>None.</value>
    public required IReadOnlyDictionary<string, string> CustomPodAnnotations { get; init; }

    /// <summary>One toleration for Postgres, pooler and backup pods unless the manifest has <c>tolerations</c>.</summary>
    /// <value>None.</value>
    public required IReadOnlyDictionary<string, string> Toleration { get; init; }

    /// <summary>ConfigMap whose data becomes env variables of the Spilo container (sorted by name; never overrides earlier variables). Falls back to the cluster namespace when not found in the configured one.</summary>
    /// <value>None.</value>
    public required NamespacedName? PodEnvironmentConfigMap { get; init; }

    /// <summary>Secret in the cluster namespace whose keys become env variables by reference, taking priority over the ConfigMap.</summary>
    /// <value>None.</value>
    public required string PodEnvironmentSecret { get; init; }

    /// <summary>priorityClassName of Postgres pods unless <c>spec.podPriorityClassName</c> is set.</summary>
    /// <value>None.</value>
    public required string PodPriorityClassName { get; init; }

    /// <summary>Time allowed for moving primaries off a drained node; at least 1 minute.</summary>
    /// <value><c>20m</c>; <c>10m</c> when the group is absent.</value>
    public required TimeSpan MasterPodMoveTimeout { get; init; }

    /// <summary>true adds pod anti-affinity on the full label set (Postgres and pooler pods).</summary>
    /// <value><c>false</c>.</value>
    public required bool EnablePodAntiAffinity { get; init; }

    /// <summary>true uses preferred (weight 1) instead of required anti-affinity.</summary>
    /// <value><c>false</c>.</value>
    public required bool PodAntiAffinityPreferredDuringScheduling { get; init; }

    /// <summary>Topology key of the anti-affinity.</summary>
    /// <value><c>kubernetes.io/hostname</c>.</value>
    public required string PodAntiAffinityTopologyKey { get; init; }

    /// <summary>StatefulSet podManagementPolicy.</summary>
    /// <value><c>ordered_ready</c>.</value>
    public required string PodManagementPolicy { get; init; }

    /// <summary>StatefulSet PVC retention: keys <c>when_deleted</c>, <c>when_scaled</c>.</summary>
    /// <value>None; in a ConfigMap <c>when_deleted:retain,when_scaled:retain</c>.</value>
    public required IReadOnlyDictionary<string, string> PersistentVolumeClaimRetentionPolicy { get; init; }

    /// <summary>false keeps credential Secrets when a cluster is deleted.</summary>
    /// <value><c>true</c>.</value>
    public required bool EnableSecretsDeletion { get; init; }

    /// <summary>false keeps PVCs when a cluster is deleted. Independent of the retention policy.</summary>
    /// <value><c>true</c>.</value>
    public required bool EnablePersistentVolumeClaimDeletion { get; init; }

    /// <summary>true adds an HTTP readiness probe: path /readiness, port 8008, initialDelay 6, period 10, timeout 5, success 1, failure 3.</summary>
    /// <value><c>false</c>.</value>
    public required bool EnableReadinessProbe { get; init; }

    /// <summary>true: a manifest user <c>ns.name</c> gets its Secret in namespace <c>ns</c> (role keeps the dotted name), prepared databases honour <c>secretNamespace</c>; such Secrets carry no owner references.</summary>
    /// <value><c>false</c>.</value>
    public required bool EnableCrossNamespaceSecret { get; init; }

    /// <summary>true puts finalizer <c>postgres-operator.acid.zalan.do</c> on postgresql objects and cleans up when deletionTimestamp is set. false removes it at the next sync.</summary>
    /// <value><c>false</c>.</value>
    public required bool EnableFinalizers { get; init; }

    internal static KubernetesSettings Read(KubernetesParameters? parameters, SettingsReader reader)
    {
        reader = reader.Group(parameters is not null);
        return new()
        {
            EnableOwnerReferences = reader.Flag("enable_owner_references", parameters?.EnableOwnerReferences),
            PodServiceAccountName = reader.Text("pod_service_account_name", parameters?.PodServiceAccountName),
            PodServiceAccountDefinition = reader.Text("pod_service_account_definition", parameters?.PodServiceAccountDefinition),
            PodServiceAccountRoleBindingDefinition = reader.Text("pod_service_account_role_binding_definition", parameters?.PodServiceAccountRoleBindingDefinition),
            PodTerminateGracePeriod = reader.Duration("pod_terminate_grace_period", parameters?.PodTerminateGracePeriod),
            LivenessProbe = parameters?.LivenessProbe,
            SpiloPrivileged = reader.Flag("spilo_privileged", parameters?.SpiloPrivileged),
            SpiloAllowPrivilegeEscalation = reader.Flag("spilo_allow_privilege_escalation", parameters?.SpiloAllowPrivilegeEscalation),
            SpiloRunAsUser = reader.LongInteger("spilo_runasuser", parameters?.SpiloRunAsUser),
            SpiloRunAsGroup = reader.LongInteger("spilo_runasgroup", parameters?.SpiloRunAsGroup),
            SpiloFSGroup = reader.LongInteger("spilo_fsgroup", parameters?.SpiloFSGroup),
            AdditionalPodCapabilities = reader.Texts("additional_pod_capabilities", parameters?.AdditionalPodCapabilities),
            WatchedNamespace = reader.Text("watched_namespace", parameters?.WatchedNamespace),
            PdbNameFormat = reader.Text("pdb_name_format", parameters?.PdbNameFormat),
            PdbMasterLabelSelector = reader.Flag("pdb_master_label_selector", parameters?.PdbMasterLabelSelector),
            EnablePodDisruptionBudget = reader.Flag("enable_pod_disruption_budget", parameters?.EnablePodDisruptionBudget),
            StorageResizeMode = reader.Text("storage_resize_mode", parameters?.StorageResizeMode),
            EnableInitContainers = reader.Flag("enable_init_containers", parameters?.EnableInitContainers),
            EnableSidecars = reader.Flag("enable_sidecars", parameters?.EnableSidecars),
            SharePgSocketWithSidecars = reader.Flag("share_pgsocket_with_sidecars", parameters?.SharePgSocketWithSidecars),
            SecretNameTemplate = reader.Text("secret_name_template", parameters?.SecretNameTemplate),
            ClusterDomain = reader.Text("cluster_domain", parameters?.ClusterDomain),
            OauthTokenSecretName = reader.Name("oauth_token_secret_name", parameters?.OauthTokenSecretName),
            InfrastructureRolesSecretName = reader.Name("infrastructure_roles_secret_name", parameters?.InfrastructureRolesSecretName),
            InfrastructureRolesSecrets = parameters?.InfrastructureRolesSecrets ?? [],
            PodRoleLabel = reader.Text("pod_role_label", parameters?.PodRoleLabel),
            ClusterLabels = reader.Map("cluster_labels", parameters?.ClusterLabels),
            InheritedLabels = reader.Texts("inherited_labels", parameters?.InheritedLabels),
            InheritedAnnotations = reader.Texts("inherited_annotations", parameters?.InheritedAnnotations),
            DownscalerAnnotations = reader.Texts("downscaler_annotations", parameters?.DownscalerAnnotations),
            IgnoredAnnotations = reader.Texts("ignored_annotations", parameters?.IgnoredAnnotations),
            ClusterNameLabel = reader.Text("cluster_name_label", parameters?.ClusterNameLabel),
            DeleteAnnotationDateKey = reader.Text("delete_annotation_date_key", parameters?.DeleteAnnotationDateKey),
            DeleteAnnotationNameKey = reader.Text("delete_annotation_name_key", parameters?.DeleteAnnotationNameKey),
            NodeReadinessLabel = reader.Map("node_readiness_label", parameters?.NodeReadinessLabel),
            NodeReadinessLabelMerge = reader.Text("node_readiness_label_merge", parameters?.NodeReadinessLabelMerge),
            CustomPodAnnotations = reader.Map("custom_pod_annotations", parameters?.CustomPodAnnotations),
            Toleration = reader.Map("toleration", parameters?.Toleration),
            PodEnvironmentConfigMap = reader.Name("pod_environment_configmap", parameters?.PodEnvironmentConfigMap),
            PodEnvironmentSecret = reader.Text("pod_environment_secret", parameters?.PodEnvironmentSecret),
            PodPriorityClassName = reader.Text("pod_priority_class_name", parameters?.PodPriorityClassName),
            MasterPodMoveTimeout = reader.Duration("master_pod_move_timeout", parameters?.MasterPodMoveTimeout),
            EnablePodAntiAffinity = reader.Flag("enable_pod_antiaffinity", parameters?.EnablePodAntiAffinity),
            PodAntiAffinityPreferredDuringScheduling = reader.Flag("pod_antiaffinity_preferred_during_scheduling", parameters?.PodAntiAffinityPreferredDuringScheduling),
            PodAntiAffinityTopologyKey = reader.Text("pod_antiaffinity_topology_key", parameters?.PodAntiAffinityTopologyKey),
            PodManagementPolicy = reader.Text("pod_management_policy", parameters?.PodManagementPolicy),
            PersistentVolumeClaimRetentionPolicy = reader.Map("persistent_volume_claim_retention_policy", parameters?.PersistentVolumeClaimRetentionPolicy),
            EnableSecretsDeletion = reader.Flag("enable_secrets_deletion", parameters?.EnableSecretsDeletion),
            EnablePersistentVolumeClaimDeletion = reader.Flag("enable_persistent_volume_claim_deletion", parameters?.EnablePersistentVolumeClaimDeletion),
            EnableReadinessProbe = reader.Flag("enable_readiness_probe", parameters?.EnableReadinessProbe),
            EnableCrossNamespaceSecret = reader.Flag("enable_cross_namespace_secret", parameters?.EnableCrossNamespaceSecret),
            EnableFinalizers = reader.Flag("enable_finalizers", parameters?.EnableFinalizers),
        };
    }
}
