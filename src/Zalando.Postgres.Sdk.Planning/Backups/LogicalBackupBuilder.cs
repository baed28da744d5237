using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning.Clusters;
using Zalando.Postgres.Sdk.Planning.StatefulSets;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Planning.Backups;

/// <summary>The CronJob that dumps all databases.</summary>
internal static class LogicalBackupBuilder
{
    // The job's controller appends 11 characters to the name of a CronJob, and a name has at most 63.
    private const int MaxNameLength = 52;

    public static string Name(ClusterContext context)
    {
        var name = context.Settings.LogicalBackup.JobPrefix + context.Name;
        return name.Length <= MaxNameLength ? name : name[..MaxNameLength].TrimEnd('-');
    }

    public static CronJob Build(ClusterContext context)
    {
        var settings = context.Settings.LogicalBackup;
        var labels = ClusterContext.Merge(context.FullLabels, [new("application", "spilo-logical-backup")]);
        var iam = context.Settings.AwsOrGcp.KubeIamRole;
        var podAnnotations = iam.Length > 0 ? ClusterContext.Merge(context.PodAnnotations, [new("iam.amazonaws.com/role", iam)]) : context.PodAnnotations;
        // The role also reaches the job when the pods have annotations of their own; running fleets have it so.
        var shared = context.Settings.Kubernetes.CustomPodAnnotations.Count > 0 || context.Spec.PodAnnotations is { Count: > 0 };
        var annotations = shared ? podAnnotations : context.PodAnnotations;
        return new CronJob
        {
            Metadata = context.Meta(Name(context), labels, annotations),
            Spec = new CronJobSpec
            {
                Schedule = context.Spec.LogicalBackupSchedule is { Length: > 0 } schedule ? schedule : settings.Schedule,
                ConcurrencyPolicy = "Forbid",
                SuccessfulJobsHistoryLimit = settings.SuccessfulJobsHistoryLimit,
                FailedJobsHistoryLimit = settings.FailedJobsHistoryLimit,
                JobTemplate = new JobTemplateSpec
                {
                    Metadata = new ObjectMeta { Labels = labels, Annotations = ClusterContext.NullIfEmpty(annotations) },
                    Spec = new JobSpec
                    {
                        TtlSecondsAfterFinished = settings.TtlSecondsAfterFinished,
                        Template = Template(context, labels, podAnnotations),
                    },
                },
            },
        };
    }

    private static PodTemplateSpec Template(ClusterContext context, SortedDictionary<string, string> labels, SortedDictionary<string, string> annotations)
    {
        var backup = context.Settings.LogicalBackup;
        var amounts = new ResourcesSection
        {
            Requests = new ResourceAmounts { Cpu = backup.CpuRequest, Memory = backup.MemoryRequest },
            Limits = new ResourceAmounts { Cpu = backup.CpuLimit, Memory = backup.MemoryLimit },
        };
        var secret = PodVolumes.AdditionalSecret(context.Settings);
        return new PodTemplateSpec
        {
            Metadata = new ObjectMeta { Namespace = context.Namespace, Labels = labels, Annotations = ClusterContext.NullIfEmpty(annotations) },
            Spec = new PodSpec
            {
                ServiceAccountName = context.Settings.Kubernetes.PodServiceAccountName,
                ImagePullSecrets = StatefulSetBuilder.PullSecrets(context),
                TerminationGracePeriodSeconds = StatefulSetBuilder.GracePeriodSeconds(context.Settings),
                Tolerations = PodScheduling.Tolerations(context),
                SecurityContext = StatefulSetBuilder.PodSecurity(context),
                RestartPolicy = "Never",
                Affinity = new Affinity
                {
                    NodeAffinity = PodScheduling.NodeAffinity(context, null),
                    PodAffinity = new PodAffinity
                    {
                        PreferredDuringSchedulingIgnoredDuringExecution =
                        [
                            new WeightedPodAffinityTerm
                            {
                                Weight = 1,
                                PodAffinityTerm = new PodAffinityTerm { LabelSelector = new LabelSelector { MatchLabels = labels }, TopologyKey = "kubernetes.io/hostname" },
                            },
                        ],
                    },
                },
                TopologySpreadConstraints = context.Spec.TopologySpreadConstraints is { Count: > 0 } constraints ? constraints : null,
                Volumes = secret is null ? null : [secret.Value.Volume],
                Containers =
                [
                    new Container
                    {
                        Name = "logical-backup",
                        Image = backup.DockerImage,
                        ImagePullPolicy = "IfNotPresent",
                        Ports = StatefulSetBuilder.Ports,
                        Resources = ContainerResources.Of(context, amounts, StatefulSetBuilder.Defaults(context.Settings), "logical-backup", "logical_backup"),
                        Env = Environment(context),
                        SecurityContext = StatefulSetBuilder.ContainerSecurity(context.Settings, withCapabilities: false),
                        VolumeMounts = secret is null ? null : [secret.Value.Mount],
                    },
                ],
            },
        };
    }

    private static IReadOnlyList<EnvVar> Environment(ClusterContext context)
    {
        var (settings, users) = (context.Settings.LogicalBackup, context.Settings.Users);
        var variables = new EnvironmentList();
        variables.Add("SCOPE", context.Name);
        variables.Add("CLUSTER_NAME_LABEL", context.Settings.Kubernetes.ClusterNameLabel);
        variables.Add(EnvironmentList.FromField("POD_NAMESPACE", "metadata.namespace"));
        variables.Add("PG_VERSION", context.Spec.Postgresql.Version);
        variables.Add("PGPORT", "5432");
        variables.Add("PGUSER", users.SuperUserName);
        variables.Add("PGDATABASE", users.SuperUserName);
        variables.Add("PGSSLMODE", "require");
        variables.Add(EnvironmentList.FromSecret("PGPASSWORD", context.SecretName(users.SuperUserName)));
        variables.Add("LOGICAL_BACKUP_PROVIDER", settings.Provider);
        variables.Add("LOGICAL_BACKUP_S3_BUCKET", settings.S3Bucket);
        variables.Add("LOGICAL_BACKUP_S3_BUCKET_PREFIX", settings.S3BucketPrefix);
        variables.Add("LOGICAL_BACKUP_S3_BUCKET_SCOPE_SUFFIX", context.UidSuffix);
        switch (settings.Provider)
        {
            case "s3":
                variables.Add("LOGICAL_BACKUP_S3_REGION", settings.S3Region);
                variables.Add("LOGICAL_BACKUP_S3_ENDPOINT", settings.S3Endpoint);
                variables.Add("LOGICAL_BACKUP_S3_SSE", settings.S3Sse);
                variables.Add("LOGICAL_BACKUP_S3_RETENTION_TIME", context.Spec.LogicalBackupRetention is { Length: > 0 } retention ? retention : settings.S3RetentionTime);
                AddGiven("AWS_ACCESS_KEY_ID", settings.S3AccessKeyId);
                AddGiven("AWS_SECRET_ACCESS_KEY", settings.S3SecretAccessKey.Reveal());
                break;
            case "gcs":
                AddGiven("LOGICAL_BACKUP_GOOGLE_APPLICATION_CREDENTIALS", settings.GoogleApplicationCredentials);
                break;
            case "az":
                variables.Add("LOGICAL_BACKUP_AZURE_STORAGE_ACCOUNT_NAME", settings.AzureStorageAccountName);
                variables.Add("LOGICAL_BACKUP_AZURE_STORAGE_CONTAINER", settings.AzureStorageContainer);
                AddGiven("LOGICAL_BACKUP_AZURE_STORAGE_ACCOUNT_KEY", settings.AzureStorageAccountKey.Reveal());
                break;
        }

        AddSecret(variables, context);
        return variables.Variables;

        void AddGiven(string name, string value)
        {
            if (value.Length > 0) variables.Add(name, value);
        }
    }

    private static void AddSecret(EnvironmentList variables, ClusterContext context)
    {
        if (context.Settings.LogicalBackup.CronJobEnvironmentSecret is not { Length: > 0 } name) return;
        if (context.Observed.Find(KubernetesKinds.Secret, context.Namespace, name) is not { } secret)
        {
            context.Refuse("BackupEnvironmentSecretMissing", "logical_backup_cronjob_environment_secret",
                $"The secret {context.Namespace}/{name} does not exist, so the environment of the backup job is not known. Create it, or change logical_backup_cronjob_environment_secret.", name);
            return;
        }

        if (secret["data"] is not JsonObject data) return;
        foreach (var key in data.Select(d => d.Key).OrderBy(k => k, StringComparer.Ordinal)) variables.Add(EnvironmentList.FromSecret(key, name, key));
    }
}
