using System.Text.Json;
using System.Text.Json.Serialization;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Resources;

/// <summary>What the owner of a cluster asks for.</summary>
public sealed record PostgresqlSpec
{
    internal static readonly PostgresqlSpec Empty = new();

    /// <summary>Team that owns the cluster: label <c>team</c> on every object, and its members become database users. Required; may be empty.</summary>
    [JsonPropertyName("teamId")]
    public string? TeamId { get; init; }

    /// <summary>Number of PostgreSQL pods, primary included. Required, 0 or more; the operator's <c>min_instances</c> and <c>max_instances</c> limit it. 0 stops the cluster and keeps its volumes.</summary>
    [JsonPropertyName("numberOfInstances")]
    public int? NumberOfInstances { get; init; }

    /// <summary>PostgreSQL's major version and parameters. Required.</summary>
    [JsonPropertyName("postgresql")]
    public PostgresqlSection Postgresql { get => field ?? PostgresqlSection.Empty; init; }

    /// <summary>Volume that holds the data directory. Required.</summary>
    [JsonPropertyName("volume")]
    public VolumeSection Volume { get => field ?? VolumeSection.Empty; init; }

    /// <summary>Settings of Patroni, which elects the primary. Default: those of the Spilo image.</summary>
    [JsonPropertyName("patroni")]
    public PatroniSection? Patroni { get; init; }

    /// <summary>CPU and memory of the PostgreSQL container. Default: operator parameters <c>default_cpu_request</c> and its siblings.</summary>
    [JsonPropertyName("resources")]
    public ResourcesSection? Resources { get; init; }

    /// <summary>Spilo image. Default: operator parameter <c>docker_image</c>.</summary>
    [JsonPropertyName("dockerImage")]
    public string? DockerImage { get; init; }

    /// <summary>Scheduler of the PostgreSQL pods. Default: the cluster's default scheduler.</summary>
    [JsonPropertyName("schedulerName")]
    public string? SchedulerName { get; init; }

    /// <summary>When disruptive work may be done, UTC: <c>HH:MM-HH:MM</c> for every day or <c>Mon:HH:MM-HH:MM</c> for one. Default: operator parameter <c>maintenance_windows</c>; without any, always.</summary>
    [JsonPropertyName("maintenanceWindows")]
    public IReadOnlyList<string>? MaintenanceWindows { get; init; }

    /// <summary>Priority class of the PostgreSQL pods. Default: operator parameter <c>pod_priority_class_name</c>.</summary>
    [JsonPropertyName("podPriorityClassName")]
    public string? PodPriorityClassName { get; init; }

    /// <summary>Mounts a memory volume at <c>/dev/shm</c>, so that shared memory is not limited to 64 MiB. Default: operator parameter <c>enable_shm_volume</c>; false does not switch it off.</summary>
    [JsonPropertyName("enableShmVolume")]
    public bool? EnableShmVolume { get; init; }

    /// <summary>Makes the Service of the primary a load balancer. Default: operator parameter <c>enable_master_load_balancer</c>.</summary>
    [JsonPropertyName("enableMasterLoadBalancer")]
    public bool? EnableMasterLoadBalancer { get; init; }

    /// <summary>Makes the Service of the primary's pooler a load balancer. Default: operator parameter <c>enable_master_pooler_load_balancer</c>.</summary>
    [JsonPropertyName("enableMasterPoolerLoadBalancer")]
    public bool? EnableMasterPoolerLoadBalancer { get; init; }

    /// <summary>Makes the Service of the replicas a load balancer. Default: operator parameter <c>enable_replica_load_balancer</c>.</summary>
    [JsonPropertyName("enableReplicaLoadBalancer")]
    public bool? EnableReplicaLoadBalancer { get; init; }

    /// <summary>Makes the Service of the replicas' pooler a load balancer. Default: operator parameter <c>enable_replica_pooler_load_balancer</c>.</summary>
    [JsonPropertyName("enableReplicaPoolerLoadBalancer")]
    public bool? EnableReplicaPoolerLoadBalancer { get; init; }

    /// <summary>Makes the Service of the primary reachable on a port of every node; wins over the load balancer. Default: operator parameter <c>enable_master_node_port</c>.</summary>
    [JsonPropertyName("enableMasterNodePort")]
    public bool? EnableMasterNodePort { get; init; }

    /// <summary>Node port of the primary; read only when <c>enableMasterNodePort</c> is written in the manifest. Default: 0, chosen by Kubernetes.</summary>
    [JsonPropertyName("masterNodePort")]
    public int? MasterNodePort { get; init; }

    /// <summary>Makes the Service of the primary's pooler reachable on a port of every node. Default: operator parameter <c>enable_master_pooler_node_port</c>.</summary>
    [JsonPropertyName("enableMasterPoolerNodePort")]
    public bool? EnableMasterPoolerNodePort { get; init; }

    /// <summary>Node port of the primary's pooler; read only when <c>enableMasterPoolerNodePort</c> is written. Default: 0, chosen by Kubernetes.</summary>
    [JsonPropertyName("masterPoolerNodePort")]
    public int? MasterPoolerNodePort { get; init; }

    /// <summary>Makes the Service of the replicas reachable on a port of every node. Default: operator parameter <c>enable_replica_node_port</c>.</summary>
    [JsonPropertyName("enableReplicaNodePort")]
    public bool? EnableReplicaNodePort { get; init; }

    /// <summary>Node port of the replicas; read only when <c>enableReplicaNodePort</c> is written. Default: 0, chosen by Kubernetes.</summary>
    [JsonPropertyName("replicaNodePort")]
    public int? ReplicaNodePort { get; init; }

    /// <summary>Makes the Service of the replicas' pooler reachable on a port of every node. Default: operator parameter <c>enable_replica_pooler_node_port</c>.</summary>
    [JsonPropertyName("enableReplicaPoolerNodePort")]
    public bool? EnableReplicaPoolerNodePort { get; init; }

    /// <summary>Node port of the replicas' pooler; read only when <c>enableReplicaPoolerNodePort</c> is written. Default: 0, chosen by Kubernetes.</summary>
    [JsonPropertyName("replicaPoolerNodePort")]
    public int? ReplicaPoolerNodePort { get; init; }

    /// <summary>Networks (IPv4 or IPv6 CIDR) that may reach the load balancers. Empty or absent: nobody (<c>127.0.0.1/32</c>).</summary>
    [JsonPropertyName("allowedSourceRanges")]
    public IReadOnlyList<string>? AllowedSourceRanges { get; init; }

    /// <summary>Annotations of all Services of the cluster, over the operator's <c>custom_service_annotations</c>. Default: none.</summary>
    [JsonPropertyName("serviceAnnotations")]
    public IReadOnlyDictionary<string, string>? ServiceAnnotations { get; init; }

    /// <summary>Annotations of the Services of the primary and its pooler, over <c>serviceAnnotations</c>. Default: none.</summary>
    [JsonPropertyName("masterServiceAnnotations")]
    public IReadOnlyDictionary<string, string>? MasterServiceAnnotations { get; init; }

    /// <summary>Annotations of the Services of the replicas and their pooler, over <c>serviceAnnotations</c>. Default: none.</summary>
    [JsonPropertyName("replicaServiceAnnotations")]
    public IReadOnlyDictionary<string, string>? ReplicaServiceAnnotations { get; init; }

    /// <summary>Database roles by name, with their flags (<c>superuser</c>, <c>createdb</c>, <c>nologin</c>, ...). Each gets a Secret with its password. A null list means no flags. Default: none.</summary>
    [JsonPropertyName("users")]
    public IReadOnlyDictionary<string, IReadOnlyList<string>?>? Users { get; init; }

    /// <summary>More about roles of <c>users</c>, by name: memberships, and removal. An addition of this operator; others ignore it. Default: none.</summary>
    [JsonPropertyName("userOptions")]
    public IReadOnlyDictionary<string, UserOptions>? UserOptions { get; init; }

    /// <summary>Roles whose passwords are never rotated. Default: none.</summary>
    [JsonPropertyName("usersIgnoringSecretRotation")]
    public IReadOnlyList<string>? UsersIgnoringSecretRotation { get; init; }

    /// <summary>Roles rotated by new, dated roles, even when rotation is off for all others. Default: none.</summary>
    [JsonPropertyName("usersWithSecretRotation")]
    public IReadOnlyList<string>? UsersWithSecretRotation { get; init; }

    /// <summary>Roles that keep their name and get a new password. Default: none.</summary>
    [JsonPropertyName("usersWithInPlaceSecretRotation")]
    public IReadOnlyList<string>? UsersWithInPlaceSecretRotation { get; init; }

    /// <summary>Databases by name, with the role that owns each. Default: none.</summary>
    [JsonPropertyName("databases")]
    public IReadOnlyDictionary<string, string>? Databases { get; init; }

    /// <summary>What happens to a database removed from <c>databases</c> or <c>preparedDatabases</c>: <c>Retain</c> or <c>Delete</c>. An addition of this operator; others ignore it. Default: <c>Retain</c>.</summary>
    [JsonPropertyName("databaseReclaimPolicy")]
    public string? DatabaseReclaimPolicy { get; init; }

    /// <summary>Databases with schemas, extensions and a set of roles, by name. Absent: none. Empty: one named after the cluster, dashes as underscores.</summary>
    [JsonPropertyName("preparedDatabases")]
    public IReadOnlyDictionary<string, PreparedDatabase?>? PreparedDatabases { get; init; }

    /// <summary>User id of the PostgreSQL pods. Default: operator parameter <c>spilo_runasuser</c>.</summary>
    [JsonPropertyName("spiloRunAsUser")]
    public long? SpiloRunAsUser { get; init; }

    /// <summary>Group id of the PostgreSQL pods. Default: operator parameter <c>spilo_runasgroup</c>.</summary>
    [JsonPropertyName("spiloRunAsGroup")]
    public long? SpiloRunAsGroup { get; init; }

    /// <summary>Group id that owns the volumes of the PostgreSQL and pooler pods. Default: operator parameter <c>spilo_fsgroup</c>.</summary>
    [JsonPropertyName("spiloFSGroup")]
    public long? SpiloFSGroup { get; init; }

    /// <summary>Environment variables of the PostgreSQL container. A name the operator sets itself (compared without case) is not replaced. Default: none.</summary>
    [JsonPropertyName("env")]
    public IReadOnlyList<EnvVar>? Env { get; init; }

    /// <summary>ConfigMaps and Secrets whose keys become environment variables of the PostgreSQL container. Default: none.</summary>
    [JsonPropertyName("envFrom")]
    public IReadOnlyList<EnvFromSource>? EnvFrom { get; init; }

    /// <summary>Liveness probe of the PostgreSQL container. Default: operator parameter <c>liveness_probe</c>; without it, none.</summary>
    [JsonPropertyName("livenessProbe")]
    public Probe? LivenessProbe { get; init; }

    /// <summary>Containers that run before PostgreSQL, in this order. Default: none.</summary>
    [JsonPropertyName("initContainers")]
    public IReadOnlyList<Container>? InitContainers { get; init; }

    /// <summary>Containers that run beside PostgreSQL. Default: none.</summary>
    [JsonPropertyName("sidecars")]
    public IReadOnlyList<Sidecar>? Sidecars { get; init; }

    /// <summary>More volumes of the PostgreSQL pods. Default: none.</summary>
    [JsonPropertyName("additionalVolumes")]
    public IReadOnlyList<AdditionalVolume>? AdditionalVolumes { get; init; }

    /// <summary>Secrets for pulling the images of the cluster's pods. An addition of this operator; others ignore it. Default: none.</summary>
    [JsonPropertyName("imagePullSecrets")]
    public IReadOnlyList<LocalObjectReference>? ImagePullSecrets { get; init; }

    /// <summary>Taints that the PostgreSQL, pooler and backup pods tolerate. Default: operator parameter <c>toleration</c>.</summary>
    [JsonPropertyName("tolerations")]
    public IReadOnlyList<Toleration>? Tolerations { get; init; }

    /// <summary>Nodes for the PostgreSQL and pooler pods; merged with operator parameter <c>node_readiness_label</c>. Default: any node.</summary>
    [JsonPropertyName("nodeAffinity")]
    public NodeAffinity? NodeAffinity { get; init; }

    /// <summary>How the pods are spread over zones or nodes. Default: not spread.</summary>
    [JsonPropertyName("topologySpreadConstraints")]
    public IReadOnlyList<TopologySpreadConstraint>? TopologySpreadConstraints { get; init; }

    /// <summary>Annotations of the PostgreSQL, pooler and backup pods, over the operator's <c>custom_pod_annotations</c>. Default: none.</summary>
    [JsonPropertyName("podAnnotations")]
    public IReadOnlyDictionary<string, string>? PodAnnotations { get; init; }

    /// <summary>Server certificate from a Secret. Default: a certificate that Spilo makes.</summary>
    [JsonPropertyName("tls")]
    public TlsSection? Tls { get; init; }

    /// <summary>Runs PgBouncer in front of the primary. Default: true when <c>connectionPooler</c> is written, otherwise false.</summary>
    [JsonPropertyName("enableConnectionPooler")]
    public bool? EnableConnectionPooler { get; init; }

    /// <summary>Runs PgBouncer in front of the replicas. Default: false.</summary>
    [JsonPropertyName("enableReplicaConnectionPooler")]
    public bool? EnableReplicaConnectionPooler { get; init; }

    /// <summary>Settings of the poolers. Default: operator parameters <c>connection_pooler_*</c>.</summary>
    [JsonPropertyName("connectionPooler")]
    public ConnectionPoolerSection? ConnectionPooler { get; init; }

    /// <summary>Makes the cluster as a copy of another, when it is created. Default: an empty cluster.</summary>
    [JsonPropertyName("clone")]
    public CloneSection? CloneFrom { get; init; }

    /// <summary>Makes the cluster follow another one, read-only, until the section is removed. Default: a cluster of its own.</summary>
    [JsonPropertyName("standby")]
    public StandbySection? Standby { get; init; }

    /// <summary>Dumps all databases on a schedule. Default: false.</summary>
    [JsonPropertyName("enableLogicalBackup")]
    public bool? EnableLogicalBackup { get; init; }

    /// <summary>When dumps run, as a cron expression of numbers, <c>*</c> and steps. Default: operator parameter <c>logical_backup_schedule</c>.</summary>
    [JsonPropertyName("logicalBackupSchedule")]
    public string? LogicalBackupSchedule { get; init; }

    /// <summary>How long dumps are kept, for example <c>2 weeks</c>; S3 only. Default: operator parameter <c>logical_backup_s3_retention_time</c>.</summary>
    [JsonPropertyName("logicalBackupRetention")]
    public string? LogicalBackupRetention { get; init; }

    /// <summary>False switches WAL archiving and base backups off for this cluster. An addition of this operator; others ignore it. Default: true.</summary>
    [JsonPropertyName("enableWALArchiving")]
    public bool? EnableWalArchiving { get; init; }

    /// <summary>Tables whose changes become events (logical replication, FabricEventStream objects). Default: none.</summary>
    [JsonPropertyName("streams")]
    public IReadOnlyList<EventStream>? Streams { get; init; }

    /// <summary>True makes the operator leave the cluster alone: it observes, and changes nothing. An addition of this operator; others ignore it. Default: false.</summary>
    [JsonPropertyName("paused")]
    public bool? Paused { get; init; }

    /// <summary>When <c>paused</c> ends by itself. An addition of this operator; others ignore it. Default: it does not.</summary>
    [JsonPropertyName("pausedUntil")]
    public Time? PausedUntil { get; init; }

    /// <summary>Fields that this version of the type does not know; kept as they came.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? UnknownFields { get; set; }
}
