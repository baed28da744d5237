using System.Text.Json;
using System.Text.Json.Serialization;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Resources.Configuration;

/// <summary>The parameters of the operator as written; null means not written.</summary>
public sealed record OperatorParameters
{
    internal static readonly OperatorParameters Empty = new();

    /// <summary>True makes the operator create or replace the <c>postgresqls.acid.zalan.do</c> CRD at start and wait until it is established.</summary>
    /// <value><c>true</c>.</value>
    [JsonPropertyName("enable_crd_registration")]
    public bool? EnableCrdRegistration { get; init; }

    /// <summary>Categories of the CRD the operator registers, so that <c>kubectl get all</c> lists clusters.</summary>
    /// <value><c>all</c>.</value>
    [JsonPropertyName("crd_categories")]
    public IReadOnlyList<string>? CrdCategories { get; init; }

    /// <summary>When true, a changed Spilo image only replaces the StatefulSet; running pods are not marked for rolling update. Image changes of init containers or sidecars alone are then not detected at all. When false again, pods whose Postgres image differs from the StatefulSet are rolled at the next sync.</summary>
    /// <value><c>false</c>.</value>
    [JsonPropertyName("enable_lazy_spilo_upgrade")]
    public bool? EnableLazySpiloUpgrade { get; init; }

    /// <summary>true: pods get env <c>PGVERSION</c> = desired major version and <c>SPILO_CONFIGURATION</c> omits <c>postgresql.bin_dir</c>. false: no <c>PGVERSION</c>; <c>postgresql.bin_dir</c> = <c>/usr/lib/postgresql/&lt;version&gt;/bin</c> is put in <c>SPILO_CONFIGURATION</c>.</summary>
    /// <value><c>true</c>.</value>
    [JsonPropertyName("enable_pgversion_env_var")]
    public bool? EnablePgVersionEnvVar { get; init; }

    /// <summary>true adds env <c>ENABLE_WAL_PATH_COMPAT=true</c> to the Spilo container.</summary>
    /// <value><c>false</c>.</value>
    [JsonPropertyName("enable_spilo_wal_path_compat")]
    public bool? EnableSpiloWalPathCompat { get; init; }

    /// <summary>true: a cluster is only handled when its name starts with <c>&lt;teamId&gt;-</c> (case-insensitive), is at most 58 characters and is a DNS-1035 label; otherwise status <c>Invalid</c> and no action. Also makes an empty <c>teamId</c> an error in human-user initialisation.</summary>
    /// <value><c>false</c>.</value>
    [JsonPropertyName("enable_team_id_clustername_prefix")]
    public bool? EnableTeamIdClusterNamePrefix { get; init; }

    /// <summary>Non-empty: Patroni uses etcd; pods get <c>ETCD_HOST=&lt;value&gt;</c> and neither <c>DCS_ENABLE_KUBERNETES_API</c> nor <c>KUBERNETES_USE_CONFIGMAPS</c>; ConfigMap mode is treated as off (the operator then manages Endpoints). Empty: Kubernetes DCS.</summary>
    /// <value>None.</value>
    [JsonPropertyName("etcd_host")]
    public string? EtcdHost { get; init; }

    /// <summary>True keeps the state of Patroni in ConfigMaps, false in Endpoints (deprecated).</summary>
    /// <value><c>true</c>.</value>
    [JsonPropertyName("kubernetes_use_configmaps")]
    public bool? KubernetesUseConfigMaps { get; init; }

    /// <summary>Spilo image for Postgres pods unless <c>spec.dockerImage</c> is set.</summary>
    /// <value><c>ghcr.io/zalando/spilo-18:4.1-p2</c>.</value>
    [JsonPropertyName("docker_image")]
    public string? DockerImage { get; init; }

    /// <summary>Number of parallel event workers. A cluster is pinned to one worker (round robin in order of first appearance), so events of one cluster never run in parallel.</summary>
    /// <value><c>8</c>.</value>
    [JsonPropertyName("workers")]
    public int? Workers { get; init; }

    /// <summary>Interval of the background loop that lists all clusters and queues SYNC (or REPAIR) events.</summary>
    /// <value><c>30m</c>.</value>
    [JsonPropertyName("resync_period")]
    public string? ResyncPeriod { get; init; }

    /// <summary>Shortest time between two repairs of a cluster whose last operation failed.</summary>
    /// <value><c>5m</c>.</value>
    [JsonPropertyName("repair_period")]
    public string? RepairPeriod { get; init; }

    /// <summary>false ignores all maintenance windows (cluster-level and global): the cluster counts as always inside a window.</summary>
    /// <value><c>true</c>.</value>
    [JsonPropertyName("enable_maintenance_windows")]
    public bool? EnableMaintenanceWindows { get; init; }

    /// <summary>Default windows used for clusters that define none. Limits Postgres version changes in update/sync, automatic major upgrades, and decides immediate or scheduled switchover when moving a primary off a node.</summary>
    /// <value>None.</value>
    [JsonPropertyName("maintenance_windows")]
    public IReadOnlyList<string>? MaintenanceWindows { get; init; }

    /// <summary>Raises the memory request to the memory limit for every container whose resources the operator computes (Postgres, manifest sidecars, docker-image sidecars, Scalyr, pooler, logical backup). ConfigMap form additionally rewrites the default and Scalyr request at startup.</summary>
    /// <value><c>false</c>.</value>
    [JsonPropertyName("set_memory_request_to_limit")]
    public bool? SetMemoryRequestToLimit { get; init; }

    /// <summary>True mounts a memory volume at <c>/dev/shm</c> in the PostgreSQL container. A manifest can only force it on.</summary>
    /// <value><c>true</c>.</value>
    [JsonPropertyName("enable_shm_volume")]
    public bool? EnableShmVolume { get; init; }

    /// <summary>Deprecated: sidecars of every PostgreSQL pod by name, with their images. Write <c>sidecars</c> instead.</summary>
    /// <value>None.</value>
    [JsonPropertyName("sidecar_docker_images")]
    public IReadOnlyDictionary<string, string>? SidecarDockerImages { get; init; }

    /// <summary>Containers beside every PostgreSQL pod; a sidecar of the same name in a manifest wins. The reference operator cannot load it.</summary>
    /// <value>None.</value>
    [JsonPropertyName("sidecars")]
    public IReadOnlyList<Container>? Sidecars { get; init; }

    /// <summary>Lower bound for the number of pods; applied after the upper bound. Standby clusters with exactly 1 pod are exempt.</summary>
    /// <value><c>-1</c>.</value>
    [JsonPropertyName("min_instances")]
    public int? MinInstances { get; init; }

    /// <summary>Upper bound for the number of pods. 0 scales every cluster to zero.</summary>
    /// <value><c>-1</c>.</value>
    [JsonPropertyName("max_instances")]
    public int? MaxInstances { get; init; }

    /// <summary>Annotation key; a cluster carrying it with value exactly <c>true</c> bypasses <c>min_instances</c>/<c>max_instances</c>.</summary>
    /// <value>None.</value>
    [JsonPropertyName("ignore_instance_limits_annotation_key")]
    public string? IgnoreInstanceLimitsAnnotationKey { get; init; }

    /// <summary>Annotation key; a cluster carrying it with value exactly <c>true</c> bypasses <c>min_*_limit</c> and <c>max_*_request</c> for the Postgres container.</summary>
    /// <value>None.</value>
    [JsonPropertyName("ignore_resources_limits_annotation_key")]
    public string? IgnoreResourcesLimitsAnnotationKey { get; init; }

    /// <summary>System users of every cluster and the rotation of passwords.</summary>
    [JsonPropertyName("users")]
    public UserParameters? Users { get; init; }

    /// <summary>When clusters are upgraded to a newer major version.</summary>
    [JsonPropertyName("major_version_upgrade")]
    public MajorVersionUpgradeParameters? MajorVersionUpgrade { get; init; }

    /// <summary>Names, labels and shape of the Kubernetes objects.</summary>
    [JsonPropertyName("kubernetes")]
    public KubernetesParameters? Kubernetes { get; init; }

    /// <summary>CPU and memory of the PostgreSQL container.</summary>
    [JsonPropertyName("postgres_pod_resources")]
    public PostgresPodResourceParameters? PostgresPodResources { get; init; }

    /// <summary>How long the operator waits.</summary>
    [JsonPropertyName("timeouts")]
    public TimeoutParameters? Timeouts { get; init; }

    /// <summary>Load balancers and DNS names.</summary>
    [JsonPropertyName("load_balancer")]
    public LoadBalancerParameters? LoadBalancer { get; init; }

    /// <summary>WAL archives and cloud identities.</summary>
    [JsonPropertyName("aws_or_gcp")]
    public AwsOrGcpParameters? AwsOrGcp { get; init; }

    /// <summary>Diagnosis.</summary>
    [JsonPropertyName("debug")]
    public DebugParameters? Debug { get; init; }

    /// <summary>Human users and teams.</summary>
    [JsonPropertyName("teams_api")]
    public TeamsApiParameters? TeamsApi { get; init; }

    /// <summary>The operator's own HTTP API.</summary>
    [JsonPropertyName("logging_rest_api")]
    public LoggingRestApiParameters? LoggingRestApi { get; init; }

    /// <summary>The Scalyr log sidecar.</summary>
    [JsonPropertyName("scalyr")]
    public ScalyrParameters? Scalyr { get; init; }

    /// <summary>Scheduled dumps.</summary>
    [JsonPropertyName("logical_backup")]
    public LogicalBackupParameters? LogicalBackup { get; init; }

    /// <summary>Defaults of the PgBouncer poolers.</summary>
    [JsonPropertyName("connection_pooler")]
    public ConnectionPoolerParameters? ConnectionPooler { get; init; }

    /// <summary>Defaults of Patroni.</summary>
    [JsonPropertyName("patroni")]
    public PatroniParameters? Patroni { get; init; }

    /// <summary>Fields that this version of the type does not know; kept as they came.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? UnknownFields { get; set; }
}
