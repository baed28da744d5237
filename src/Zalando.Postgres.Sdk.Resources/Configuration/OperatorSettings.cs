using System.Runtime.CompilerServices;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Resources.Validation;

namespace Zalando.Postgres.Sdk.Resources.Configuration;

/// <summary>The parameters of the operator with every default filled in, and texts as values.</summary>
public sealed record OperatorSettings
{
    private static readonly ConditionalWeakTable<OperatorConfiguration, OperatorSettings> Known = [];

    /// <summary>What the reference operator does without any configuration: the defaults of the ConfigMap form.</summary>
    public static OperatorSettings Defaults { get; } = From(new OperatorConfiguration { Form = ConfigurationForm.ConfigMap });

    /// <summary>Fills in defaults and turns texts into values. The result for one object is made once.</summary>
    /// <param name="configuration">The parameters as written.</param>
    /// <exception cref="InvalidOperatorConfigurationException">They cannot be used; the exception names every reason.</exception>
    public static OperatorSettings From(OperatorConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return Known.GetValue(configuration, static c =>
            TryFrom(c, out var findings) is { } settings ? settings : throw new InvalidOperatorConfigurationException(findings));
    }

    /// <summary>Fills in defaults and turns texts into values.</summary>
    /// <param name="configuration">The parameters as written.</param>
    /// <param name="findings">Everything that is wrong or doubtful.</param>
    /// <returns>The settings, or null when a finding is an error.</returns>
    public static OperatorSettings? TryFrom(OperatorConfiguration configuration, out IReadOnlyList<Finding> findings)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var found = new List<Finding>();
        var settings = Read(configuration.Configuration, new SettingsReader(configuration.Form, found));
        OperatorSettingsRules.Check(configuration, settings, found);
        findings = found;
        return found.Exists(static f => f.Severity == FindingSeverity.Error) ? null : settings;
    }

    /// <summary>True makes the operator create or replace the <c>postgresqls.acid.zalan.do</c> CRD at start and wait until it is established.</summary>
    /// <value><c>true</c>.</value>
    public required bool EnableCrdRegistration { get; init; }

    /// <summary>Categories of the CRD the operator registers, so that <c>kubectl get all</c> lists clusters.</summary>
    /// <value><c>all</c>.</value>
    public required IReadOnlyList<string> CrdCategories { get; init; }

    /// <summary>When true, a changed Spilo image only replaces the StatefulSet; running pods are not marked for rolling update. Image changes of init containers or sidecars alone are then not detected at all. When false again, pods whose Postgres image differs from the StatefulSet are rolled at the next sync.</summary>
    /// <value><c>false</c>.</value>
    public required bool EnableLazySpiloUpgrade { get; init; }

    /// <summary>true: pods get env <c>PGVERSION</c> = desired major version and <c>SPILO_CONFIGURATION</c> omits <c>postgresql.bin_dir</c>. false: no <c>PGVERSION</c>; <c>postgresql.bin_dir</c> = <c>/usr/lib/postgresql/&lt;version&gt;/bin</c> is put in <c>SPILO_CONFIGURATION</c>.</summary>
    /// <value><c>true</c>.</value>
    public required bool EnablePgVersionEnvVar { get; init; }

    /// <summary>true adds env <c>ENABLE_WAL_PATH_COMPAT=true</c> to the Spilo container.</summary>
    /// <value><c>false</c>.</value>
    public required bool EnableSpiloWalPathCompat { get; init; }

    /// <summary>true: a cluster is only handled when its name starts with <c>&lt;teamId&gt;-</c> (case-insensitive), is at most 58 characters and is a DNS-1035 label; otherwise status <c>Invalid</c> and no action. Also makes an empty <c>teamId</c> an error in human-user initialisation.</summary>
    /// <value><c>false</c>.</value>
    public required bool EnableTeamIdClusterNamePrefix { get; init; }

    /// <summary>Non-empty: Patroni uses etcd; pods get <c>ETCD_HOST=&lt;value&gt;</c> and neither <c>DCS_ENABLE_KUBERNETES_API</c> nor <c>KUBERNETES_USE_CONFIGMAPS</c>; ConfigMap mode is treated as off (the operator then manages Endpoints). Empty: Kubernetes DCS.</summary>
    /// <value>None.</value>
    public required string EtcdHost { get; init; }

    /// <summary>True keeps the state of Patroni in ConfigMaps, false in Endpoints (deprecated).</summary>
    /// <value><c>true</c>.</value>
    public required bool KubernetesUseConfigMaps { get; init; }

    /// <summary>Spilo image for Postgres pods unless <c>spec.dockerImage</c> is set.</summary>
    /// <value><c>ghcr.io/zalando/spilo-18:4.1-p2</c>.</value>
    public required string DockerImage { get; init; }

    /// <summary>Number of parallel event workers. A cluster is pinned to one worker (round robin in order of first appearance), so events of one cluster never run in parallel.</summary>
    /// <value><c>8</c>.</value>
    public required int Workers { get; init; }

    /// <summary>Interval of the background loop that lists all clusters and queues SYNC (or REPAIR) events.</summary>
    /// <value><c>30m</c>.</value>
    public required TimeSpan ResyncPeriod { get; init; }

    /// <summary>Shortest time between two repairs of a cluster whose last operation failed.</summary>
    /// <value><c>5m</c>.</value>
    public required TimeSpan RepairPeriod { get; init; }

    /// <summary>false ignores all maintenance windows (cluster-level and global): the cluster counts as always inside a window.</summary>
    /// <value><c>true</c>.</value>
    public required bool EnableMaintenanceWindows { get; init; }

    /// <summary>Default windows used for clusters that define none. Limits Postgres version changes in update/sync, automatic major upgrades, and decides immediate or scheduled switchover when moving a primary off a node.</summary>
    /// <value>None.</value>
    public required IReadOnlyList<string> MaintenanceWindows { get; init; }

    /// <summary>Raises the memory request to the memory limit for every container whose resources the operator computes (Postgres, manifest sidecars, docker-image sidecars, Scalyr, pooler, logical backup). ConfigMap form additionally rewrites the default and Scalyr request at startup.</summary>
    /// <value><c>false</c>.</value>
    public required bool SetMemoryRequestToLimit { get; init; }

    /// <summary>True mounts a memory volume at <c>/dev/shm</c> in the PostgreSQL container. A manifest can only force it on.</summary>
    /// <value><c>true</c>.</value>
    public required bool EnableShmVolume { get; init; }

    /// <summary>Deprecated: sidecars of every PostgreSQL pod by name, with their images. Write <c>sidecars</c> instead.</summary>
    /// <value>None.</value>
    public required IReadOnlyDictionary<string, string> SidecarDockerImages { get; init; }

    /// <summary>Containers beside every PostgreSQL pod; a sidecar of the same name in a manifest wins. The reference operator cannot load it.</summary>
    /// <value>None.</value>
    public required IReadOnlyList<Container> Sidecars { get; init; }

    /// <summary>Lower bound for the number of pods; applied after the upper bound. Standby clusters with exactly 1 pod are exempt.</summary>
    /// <value><c>-1</c>.</value>
    public required int MinInstances { get; init; }

    /// <summary>Upper bound for the number of pods. 0 scales every cluster to zero.</summary>
    /// <value><c>-1</c>.</value>
    public required int MaxInstances { get; init; }

    /// <summary>Annotation key; a cluster carrying it with value exactly <c>true</c> bypasses <c>min_instances</c>/<c>max_instances</c>.</summary>
    /// <value>None.</value>
    public required string IgnoreInstanceLimitsAnnotationKey { get; init; }

    /// <summary>Annotation key; a cluster carrying it with value exactly <c>true</c> bypasses <c>min_*_limit</c> and <c>max_*_request</c> for the Postgres container.</summary>
    /// <value>None.</value>
    public required string IgnoreResourcesLimitsAnnotationKey { get; init; }

    /// <summary>System users of every cluster and the rotation of passwords.</summary>
    public required UserSettings Users { get; init; }

    /// <summary>When clusters are upgraded to a newer major version.</summary>
    public required MajorVersionUpgradeSettings MajorVersionUpgrade { get; init; }

    /// <summary>Names, labels and shape of the Kubernetes objects.</summary>
    public required KubernetesSettings Kubernetes { get; init; }

    /// <summary>CPU and memory of the PostgreSQL container.</summary>
    public required PostgresPodResourceSettings PostgresPodResources { get; init; }

    /// <summary>How long the operator waits.</summary>
    public required TimeoutSettings Timeouts { get; init; }

    /// <summary>Load balancers and DNS names.</summary>
    public required LoadBalancerSettings LoadBalancer { get; init; }

    /// <summary>WAL archives and cloud identities.</summary>
    public required AwsOrGcpSettings AwsOrGcp { get; init; }

    /// <summary>Diagnosis.</summary>
    public required DebugSettings Debug { get; init; }

    /// <summary>Human users and teams.</summary>
    public required TeamsApiSettings TeamsApi { get; init; }

    /// <summary>The operator's own HTTP API.</summary>
    public required LoggingRestApiSettings LoggingRestApi { get; init; }

    /// <summary>The Scalyr log sidecar.</summary>
    public required ScalyrSettings Scalyr { get; init; }

    /// <summary>Scheduled dumps.</summary>
    public required LogicalBackupSettings LogicalBackup { get; init; }

    /// <summary>Defaults of the PgBouncer poolers.</summary>
    public required ConnectionPoolerSettings ConnectionPooler { get; init; }

    /// <summary>Defaults of Patroni.</summary>
    public required PatroniSettings Patroni { get; init; }

    private static OperatorSettings Read(OperatorParameters parameters, SettingsReader reader)
    {
        reader = reader.Group(present: true);
        return new()
        {
            EnableCrdRegistration = reader.Flag("enable_crd_registration", parameters.EnableCrdRegistration),
            CrdCategories = reader.Texts("crd_categories", parameters.CrdCategories),
            EnableLazySpiloUpgrade = reader.Flag("enable_lazy_spilo_upgrade", parameters.EnableLazySpiloUpgrade),
            EnablePgVersionEnvVar = reader.Flag("enable_pgversion_env_var", parameters.EnablePgVersionEnvVar),
            EnableSpiloWalPathCompat = reader.Flag("enable_spilo_wal_path_compat", parameters.EnableSpiloWalPathCompat),
            EnableTeamIdClusterNamePrefix = reader.Flag("enable_team_id_clustername_prefix", parameters.EnableTeamIdClusterNamePrefix),
            EtcdHost = reader.Text("etcd_host", parameters.EtcdHost),
            KubernetesUseConfigMaps = reader.Flag("kubernetes_use_configmaps", parameters.KubernetesUseConfigMaps),
            DockerImage = reader.Text("docker_image", parameters.DockerImage),
            Workers = reader.Integer("workers", parameters.Workers),
            ResyncPeriod = reader.Duration("resync_period", parameters.ResyncPeriod),
            RepairPeriod = reader.Duration("repair_period", parameters.RepairPeriod),
            EnableMaintenanceWindows = reader.Flag("enable_maintenance_windows", parameters.EnableMaintenanceWindows),
            MaintenanceWindows = reader.Texts("maintenance_windows", parameters.MaintenanceWindows),
            SetMemoryRequestToLimit = reader.Flag("set_memory_request_to_limit", parameters.SetMemoryRequestToLimit),
            EnableShmVolume = reader.Flag("enable_shm_volume", parameters.EnableShmVolume),
            SidecarDockerImages = reader.Map("sidecar_docker_images", parameters.SidecarDockerImages),
            Sidecars = parameters.Sidecars ?? [],
            MinInstances = reader.Integer("min_instances", parameters.MinInstances),
            MaxInstances = reader.Integer("max_instances", parameters.MaxInstances),
            IgnoreInstanceLimitsAnnotationKey = reader.Text("ignore_instance_limits_annotation_key", parameters.IgnoreInstanceLimitsAnnotationKey),
            IgnoreResourcesLimitsAnnotationKey = reader.Text("ignore_resources_limits_annotation_key", parameters.IgnoreResourcesLimitsAnnotationKey),
            Users = UserSettings.Read(parameters.Users, reader),
            MajorVersionUpgrade = MajorVersionUpgradeSettings.Read(parameters.MajorVersionUpgrade, reader),
            Kubernetes = KubernetesSettings.Read(parameters.Kubernetes, reader),
            PostgresPodResources = PostgresPodResourceSettings.Read(parameters.PostgresPodResources, reader),
            Timeouts = TimeoutSettings.Read(parameters.Timeouts, reader),
            LoadBalancer = LoadBalancerSettings.Read(parameters.LoadBalancer, reader),
            AwsOrGcp = AwsOrGcpSettings.Read(parameters.AwsOrGcp, reader),
            Debug = DebugSettings.Read(parameters.Debug, reader),
            TeamsApi = TeamsApiSettings.Read(parameters.TeamsApi, reader),
            LoggingRestApi = LoggingRestApiSettings.Read(parameters.LoggingRestApi, reader),
            Scalyr = ScalyrSettings.Read(parameters.Scalyr, reader),
            LogicalBackup = LogicalBackupSettings.Read(parameters.LogicalBackup, reader),
            ConnectionPooler = ConnectionPoolerSettings.Read(parameters.ConnectionPooler, reader),
            Patroni = PatroniSettings.Read(parameters.Patroni, reader),
        };
    }
}
