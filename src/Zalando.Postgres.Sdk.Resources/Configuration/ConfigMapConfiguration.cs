using Zalando.Postgres.Sdk.Resources.Validation;

namespace Zalando.Postgres.Sdk.Resources.Configuration;

/// <summary>The configuration as a ConfigMap with one text per parameter, in the reference operator's syntax.</summary>
public static class ConfigMapConfiguration
{
    /// <summary>Reads the data of a ConfigMap. Keys that are absent keep the defaults of the ConfigMap form.</summary>
    /// <param name="data">Texts by parameter key; null for a ConfigMap without data.</param>
    /// <exception cref="InvalidOperatorConfigurationException">A text cannot be read; the exception names every one.</exception>
    public static OperatorConfiguration Read(IReadOnlyDictionary<string, string>? data)
    {
        var configuration = Read(data, out var findings);
        return findings.Any(static f => f.Severity == FindingSeverity.Error) ? throw new InvalidOperatorConfigurationException(findings) : configuration;
    }

    /// <summary>Reads the data of a ConfigMap and says what cannot be read.</summary>
    /// <param name="data">Texts by parameter key; null for a ConfigMap without data.</param>
    /// <param name="findings">What cannot be read (error), or is unknown or obsolete (warning).</param>
    public static OperatorConfiguration Read(IReadOnlyDictionary<string, string>? data, out IReadOnlyList<Finding> findings)
    {
        var found = new List<Finding>();
        var configuration = Fill(new ConfigMapReader(data ?? new Dictionary<string, string>(), found));
        findings = found;
        return configuration;
    }

    private static OperatorConfiguration Fill(ConfigMapReader values) => new()
    {
        Form = ConfigurationForm.ConfigMap,
        Configuration = new()
        {
            EnableCrdRegistration = values.Flag("enable_crd_registration"),
            CrdCategories = values.Texts("crd_categories"),
            EnableLazySpiloUpgrade = values.Flag("enable_lazy_spilo_upgrade"),
            EnablePgVersionEnvVar = values.Flag("enable_pgversion_env_var"),
            EnableSpiloWalPathCompat = values.Flag("enable_spilo_wal_path_compat"),
            EnableTeamIdClusterNamePrefix = values.Flag("enable_team_id_clustername_prefix"),
            EtcdHost = values.Text("etcd_host"),
            KubernetesUseConfigMaps = values.Flag("kubernetes_use_configmaps"),
            DockerImage = values.Text("docker_image"),
            Workers = values.Integer("workers"),
            ResyncPeriod = values.Text("resync_period"),
            RepairPeriod = values.Text("repair_period"),
            EnableMaintenanceWindows = values.Flag("enable_maintenance_windows"),
            MaintenanceWindows = values.Texts("maintenance_windows"),
            SetMemoryRequestToLimit = values.Flag("set_memory_request_to_limit"),
            EnableShmVolume = values.Flag("enable_shm_volume"),
            SidecarDockerImages = values.Map("sidecar_docker_images"),
            Sidecars = values.Containers("sidecars"),
            MinInstances = values.Integer("min_instances"),
            MaxInstances = values.Integer("max_instances"),
            IgnoreInstanceLimitsAnnotationKey = values.Text("ignore_instance_limits_annotation_key"),
            IgnoreResourcesLimitsAnnotationKey = values.Text("ignore_resources_limits_annotation_key"),
            Users = new()
            {
                SuperUserName = values.Text("super_username"),
                ReplicationUserName = values.Text("replication_username"),
                AdditionalOwnerRoles = values.Texts("additional_owner_roles"),
                EnablePasswordRotation = values.Flag("enable_password_rotation"),
                PasswordRotationInterval = values.Integer("password_rotation_interval"),
                PasswordRotationUserRetention = values.Integer("password_rotation_user_retention"),
            },
            MajorVersionUpgrade = new()
            {
                Mode = values.Text("major_version_upgrade_mode"),
                TeamAllowList = values.Texts("major_version_upgrade_team_allow_list"),
                MinimalMajorVersion = values.Text("minimal_major_version"),
                TargetMajorVersion = values.Text("target_major_version"),
            },
            Kubernetes = new()
            {
                EnableOwnerReferences = values.Flag("enable_owner_references"),
                PodServiceAccountName = values.Text("pod_service_account_name"),
                PodServiceAccountDefinition = values.Text("pod_service_account_definition"),
                PodServiceAccountRoleBindingDefinition = values.Text("pod_service_account_role_binding_definition"),
                PodTerminateGracePeriod = values.Text("pod_terminate_grace_period"),
                SpiloPrivileged = values.Flag("spilo_privileged"),
                SpiloAllowPrivilegeEscalation = values.Flag("spilo_allow_privilege_escalation"),
                SpiloRunAsUser = values.LongInteger("spilo_runasuser"),
                SpiloRunAsGroup = values.LongInteger("spilo_runasgroup"),
                SpiloFSGroup = values.LongInteger("spilo_fsgroup"),
                AdditionalPodCapabilities = values.Texts("additional_pod_capabilities"),
                WatchedNamespace = values.Text("watched_namespace"),
                PdbNameFormat = values.Text("pdb_name_format"),
                PdbMasterLabelSelector = values.Flag("pdb_master_label_selector"),
                EnablePodDisruptionBudget = values.Flag("enable_pod_disruption_budget"),
                StorageResizeMode = values.Text("storage_resize_mode"),
                EnableInitContainers = values.Flag("enable_init_containers"),
                EnableSidecars = values.Flag("enable_sidecars"),
                SharePgSocketWithSidecars = values.Flag("share_pgsocket_with_sidecars"),
                SecretNameTemplate = values.Text("secret_name_template"),
                ClusterDomain = values.Text("cluster_domain"),
                OauthTokenSecretName = values.Text("oauth_token_secret_name"),
                InfrastructureRolesSecretName = values.Text("infrastructure_roles_secret_name"),
                InfrastructureRolesSecrets = values.InfrastructureRoles("infrastructure_roles_secrets"),
                PodRoleLabel = values.Text("pod_role_label"),
                ClusterLabels = values.Map("cluster_labels"),
                InheritedLabels = values.Texts("inherited_labels"),
                InheritedAnnotations = values.Texts("inherited_annotations"),
                DownscalerAnnotations = values.Texts("downscaler_annotations"),
                IgnoredAnnotations = values.Texts("ignored_annotations"),
                ClusterNameLabel = values.Text("cluster_name_label"),
                DeleteAnnotationDateKey = values.Text("delete_annotation_date_key"),
                DeleteAnnotationNameKey = values.Text("delete_annotation_name_key"),
                NodeReadinessLabel = values.Map("node_readiness_label"),
                NodeReadinessLabelMerge = values.Text("node_readiness_label_merge"),
                CustomPodAnnotations = values.Map("custom_pod_annotations"),
                Toleration = values.Map("toleration"),
                PodEnvironmentConfigMap = values.Text("pod_environment_configmap"),
                PodEnvironmentSecret = values.Text("pod_environment_secret"),
                PodPriorityClassName = values.Text("pod_priority_class_name"),
                MasterPodMoveTimeout = values.Text("master_pod_move_timeout"),
                EnablePodAntiAffinity = values.Flag("enable_pod_antiaffinity"),
                PodAntiAffinityPreferredDuringScheduling = values.Flag("pod_antiaffinity_preferred_during_scheduling"),
                PodAntiAffinityTopologyKey = values.Text("pod_antiaffinity_topology_key"),
                PodManagementPolicy = values.Text("pod_management_policy"),
                PersistentVolumeClaimRetentionPolicy = values.Map("persistent_volume_claim_retention_policy"),
                EnableSecretsDeletion = values.Flag("enable_secrets_deletion"),
                EnablePersistentVolumeClaimDeletion = values.Flag("enable_persistent_volume_claim_deletion"),
                EnableReadinessProbe = values.Flag("enable_readiness_probe"),
                EnableCrossNamespaceSecret = values.Flag("enable_cross_namespace_secret"),
                EnableFinalizers = values.Flag("enable_finalizers"),
            },
            PostgresPodResources = new()
            {
                DefaultCpuRequest = values.Text("default_cpu_request"),
                DefaultMemoryRequest = values.Text("default_memory_request"),
                DefaultCpuLimit = values.Text("default_cpu_limit"),
                DefaultMemoryLimit = values.Text("default_memory_limit"),
                MinCpuLimit = values.Text("min_cpu_limit"),
                MinMemoryLimit = values.Text("min_memory_limit"),
                MaxCpuRequest = values.Text("max_cpu_request"),
                MaxMemoryRequest = values.Text("max_memory_request"),
            },
            Timeouts = new()
            {
                ResourceCheckInterval = values.Text("resource_check_interval"),
                ResourceCheckTimeout = values.Text("resource_check_timeout"),
                PodLabelWaitTimeout = values.Text("pod_label_wait_timeout"),
                PodDeletionWaitTimeout = values.Text("pod_deletion_wait_timeout"),
                ReadyWaitInterval = values.Text("ready_wait_interval"),
                ReadyWaitTimeout = values.Text("ready_wait_timeout"),
                PatroniApiCheckInterval = values.Text("patroni_api_check_interval"),
                PatroniApiCheckTimeout = values.Text("patroni_api_check_timeout"),
            },
            LoadBalancer = new()
            {
                DbHostedZone = values.Text("db_hosted_zone"),
                EnableMasterLoadBalancer = values.Flag("enable_master_load_balancer"),
                EnableMasterPoolerLoadBalancer = values.Flag("enable_master_pooler_load_balancer"),
                EnableReplicaLoadBalancer = values.Flag("enable_replica_load_balancer"),
                EnableReplicaPoolerLoadBalancer = values.Flag("enable_replica_pooler_load_balancer"),
                EnableMasterNodePort = values.Flag("enable_master_node_port"),
                EnableMasterPoolerNodePort = values.Flag("enable_master_pooler_node_port"),
                EnableReplicaNodePort = values.Flag("enable_replica_node_port"),
                EnableReplicaPoolerNodePort = values.Flag("enable_replica_pooler_node_port"),
                CustomServiceAnnotations = values.Map("custom_service_annotations"),
                MasterDnsNameFormat = values.Text("master_dns_name_format"),
                MasterLegacyDnsNameFormat = values.Text("master_legacy_dns_name_format"),
                ReplicaDnsNameFormat = values.Text("replica_dns_name_format"),
                ReplicaLegacyDnsNameFormat = values.Text("replica_legacy_dns_name_format"),
                ExternalTrafficPolicy = values.Text("external_traffic_policy"),
            },
            AwsOrGcp = new()
            {
                WalS3Bucket = values.Text("wal_s3_bucket"),
                AwsRegion = values.Text("aws_region"),
                WalGsBucket = values.Text("wal_gs_bucket"),
                GcpCredentials = values.Text("gcp_credentials"),
                WalAzStorageAccount = values.Text("wal_az_storage_account"),
                LogS3Bucket = values.Text("log_s3_bucket"),
                KubeIamRole = values.Text("kube_iam_role"),
                IrsaRoleArn = values.Text("irsa_role_arn"),
                AdditionalSecretMount = values.Text("additional_secret_mount"),
                AdditionalSecretMountPath = values.Text("additional_secret_mount_path"),
            },
            Debug = new()
            {
                DebugLogging = values.Flag("debug_logging"),
                EnableDatabaseAccess = values.Flag("enable_database_access"),
            },
            TeamsApi = new()
            {
                EnableTeamsApi = values.Flag("enable_teams_api"),
                TeamsApiUrl = values.Text("teams_api_url"),
                TeamApiRoleConfiguration = values.Map("team_api_role_configuration"),
                EnableTeamSuperuser = values.Flag("enable_team_superuser"),
                EnableAdminRoleForUsers = values.Flag("enable_admin_role_for_users"),
                TeamAdminRole = values.Text("team_admin_role"),
                PamRoleName = values.Text("pam_role_name"),
                PamConfiguration = values.Text("pam_configuration"),
                ProtectedRoleNames = values.Texts("protected_role_names"),
                PostgresSuperuserTeams = values.Texts("postgres_superuser_teams"),
                EnablePostgresTeamCrd = values.Flag("enable_postgres_team_crd"),
                EnablePostgresTeamCrdSuperusers = values.Flag("enable_postgres_team_crd_superusers"),
                EnableTeamMemberDeprecation = values.Flag("enable_team_member_deprecation"),
                RoleDeletionSuffix = values.Text("role_deletion_suffix"),
            },
            LoggingRestApi = new()
            {
                ApiPort = values.Integer("api_port"),
                RingLogLines = values.Integer("ring_log_lines"),
                ClusterHistoryEntries = values.Integer("cluster_history_entries"),
            },
            Scalyr = new()
            {
                ApiKey = values.Secret("scalyr_api_key"),
                Image = values.Text("scalyr_image"),
                ServerUrl = values.Text("scalyr_server_url"),
                CpuRequest = values.Text("scalyr_cpu_request"),
                MemoryRequest = values.Text("scalyr_memory_request"),
                CpuLimit = values.Text("scalyr_cpu_limit"),
                MemoryLimit = values.Text("scalyr_memory_limit"),
            },
            LogicalBackup = new()
            {
                Schedule = values.Text("logical_backup_schedule"),
                DockerImage = values.Text("logical_backup_docker_image"),
                Provider = values.Text("logical_backup_provider"),
                AzureStorageAccountName = values.Text("logical_backup_azure_storage_account_name"),
                AzureStorageContainer = values.Text("logical_backup_azure_storage_container"),
                AzureStorageAccountKey = values.Secret("logical_backup_azure_storage_account_key"),
                S3Bucket = values.Text("logical_backup_s3_bucket"),
                S3BucketPrefix = values.Text("logical_backup_s3_bucket_prefix"),
                S3Region = values.Text("logical_backup_s3_region"),
                S3Endpoint = values.Text("logical_backup_s3_endpoint"),
                S3AccessKeyId = values.Text("logical_backup_s3_access_key_id"),
                S3SecretAccessKey = values.Secret("logical_backup_s3_secret_access_key"),
                S3Sse = values.Text("logical_backup_s3_sse"),
                S3RetentionTime = values.Text("logical_backup_s3_retention_time"),
                GoogleApplicationCredentials = values.Text("logical_backup_google_application_credentials"),
                JobPrefix = values.Text("logical_backup_job_prefix"),
                CronJobEnvironmentSecret = values.Text("logical_backup_cronjob_environment_secret"),
                CpuRequest = values.Text("logical_backup_cpu_request"),
                MemoryRequest = values.Text("logical_backup_memory_request"),
                CpuLimit = values.Text("logical_backup_cpu_limit"),
                MemoryLimit = values.Text("logical_backup_memory_limit"),
                SuccessfulJobsHistoryLimit = values.Integer("logical_backup_successful_jobs_history_limit"),
                FailedJobsHistoryLimit = values.Integer("logical_backup_failed_jobs_history_limit"),
                TtlSecondsAfterFinished = values.Integer("logical_backup_ttl_seconds_after_finished"),
            },
            ConnectionPooler = new()
            {
                NumberOfInstances = values.Integer("connection_pooler_number_of_instances"),
                Schema = values.Text("connection_pooler_schema"),
                User = values.Text("connection_pooler_user"),
                Image = values.Text("connection_pooler_image"),
                Mode = values.Text("connection_pooler_mode"),
                MaxDbConnections = values.Integer("connection_pooler_max_db_connections"),
                DefaultCpuRequest = values.Text("connection_pooler_default_cpu_request"),
                DefaultMemoryRequest = values.Text("connection_pooler_default_memory_request"),
                DefaultCpuLimit = values.Text("connection_pooler_default_cpu_limit"),
                DefaultMemoryLimit = values.Text("connection_pooler_default_memory_limit"),
            },
            Patroni = new()
            {
                EnablePatroniFailsafeMode = values.Flag("enable_patroni_failsafe_mode"),
            },
        },
    };
}
