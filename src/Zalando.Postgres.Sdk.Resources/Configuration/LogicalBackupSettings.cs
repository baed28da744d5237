namespace Zalando.Postgres.Sdk.Resources.Configuration;

/// <summary>Scheduled dumps, with defaults filled in.</summary>
public sealed record LogicalBackupSettings
{
    /// <summary>CronJob schedule unless <c>spec.logicalBackupSchedule</c> is set.</summary>
    /// <value><c>30 00 * * *</c>.</value>
    public required string Schedule { get; init; }

    /// <summary>Image of the backup container.</summary>
    /// <value><c>ghcr.io/zalando/postgres-operator/logical-backup:v2.0.1</c>.</value>
    public required string DockerImage { get; init; }

    /// <summary>Env <c>LOGICAL_BACKUP_PROVIDER</c>; selects which further variables are set.</summary>
    /// <value><c>s3</c>.</value>
    public required string Provider { get; init; }

    /// <summary>Env <c>LOGICAL_BACKUP_AZURE_STORAGE_ACCOUNT_NAME</c> (provider az).</summary>
    /// <value>None.</value>
    public required string AzureStorageAccountName { get; init; }

    /// <summary>Env <c>LOGICAL_BACKUP_AZURE_STORAGE_CONTAINER</c> (provider az).</summary>
    /// <value>None.</value>
    public required string AzureStorageContainer { get; init; }

    /// <summary>Env <c>LOGICAL_BACKUP_AZURE_STORAGE_ACCOUNT_KEY</c> (provider az, when not empty).</summary>
    /// <value>None.</value>
    public required SensitiveText AzureStorageAccountKey { get; init; }

    /// <summary>Env <c>LOGICAL_BACKUP_S3_BUCKET</c> (all providers).</summary>
    /// <value>None.</value>
    public required string S3Bucket { get; init; }

    /// <summary>Env <c>LOGICAL_BACKUP_S3_BUCKET_PREFIX</c> (all providers).</summary>
    /// <value><c>spilo</c>.</value>
    public required string S3BucketPrefix { get; init; }

    /// <summary>Env <c>LOGICAL_BACKUP_S3_REGION</c> (s3).</summary>
    /// <value>None.</value>
    public required string S3Region { get; init; }

    /// <summary>Env <c>LOGICAL_BACKUP_S3_ENDPOINT</c> (s3).</summary>
    /// <value>None.</value>
    public required string S3Endpoint { get; init; }

    /// <summary>Env <c>AWS_ACCESS_KEY_ID</c> (s3, when not empty).</summary>
    /// <value>None.</value>
    public required string S3AccessKeyId { get; init; }

    /// <summary>Env <c>AWS_SECRET_ACCESS_KEY</c> (s3, when not empty).</summary>
    /// <value>None.</value>
    public required SensitiveText S3SecretAccessKey { get; init; }

    /// <summary>Env <c>LOGICAL_BACKUP_S3_SSE</c> (s3).</summary>
    /// <value>None.</value>
    public required string S3Sse { get; init; }

    /// <summary>Env <c>LOGICAL_BACKUP_S3_RETENTION_TIME</c> (s3) unless <c>spec.logicalBackupRetention</c> is set.</summary>
    /// <value>None.</value>
    public required string S3RetentionTime { get; init; }

    /// <summary>Env <c>LOGICAL_BACKUP_GOOGLE_APPLICATION_CREDENTIALS</c> (gcs, when not empty).</summary>
    /// <value>None.</value>
    public required string GoogleApplicationCredentials { get; init; }

    /// <summary>Prefix of the CronJob name; the result is cut to 52 characters and trailing dashes removed.</summary>
    /// <value><c>logical-backup-</c>.</value>
    public required string JobPrefix { get; init; }

    /// <summary>Secret in the cluster namespace whose keys become env variables by reference (order not stable).</summary>
    /// <value>None.</value>
    public required string CronJobEnvironmentSecret { get; init; }

    /// <summary>Resource of the backup container; empty falls back to the Postgres default.</summary>
    /// <value>None.</value>
    public required string CpuRequest { get; init; }

    /// <summary>Resource of the backup container; empty falls back to the Postgres default.</summary>
    /// <value>None.</value>
    public required string MemoryRequest { get; init; }

    /// <summary>Resource of the backup container; empty falls back to the Postgres default.</summary>
    /// <value>None.</value>
    public required string CpuLimit { get; init; }

    /// <summary>Resource of the backup container; empty falls back to the Postgres default.</summary>
    /// <value>None.</value>
    public required string MemoryLimit { get; init; }

    /// <summary>CronJob successfulJobsHistoryLimit.</summary>
    /// <value><c>3</c>.</value>
    public required int SuccessfulJobsHistoryLimit { get; init; }

    /// <summary>CronJob failedJobsHistoryLimit.</summary>
    /// <value><c>3</c>.</value>
    public required int FailedJobsHistoryLimit { get; init; }

    /// <summary>Job ttlSecondsAfterFinished.</summary>
    /// <value><c>86400</c>; none when the group is absent.</value>
    public required int TtlSecondsAfterFinished { get; init; }

    internal static LogicalBackupSettings Read(LogicalBackupParameters? parameters, SettingsReader reader)
    {
        reader = reader.Group(parameters is not null);
        return new()
        {
            Schedule = reader.Text("logical_backup_schedule", parameters?.Schedule),
            DockerImage = reader.Text("logical_backup_docker_image", parameters?.DockerImage),
            Provider = reader.Text("logical_backup_provider", parameters?.Provider),
            AzureStorageAccountName = reader.Text("logical_backup_azure_storage_account_name", parameters?.AzureStorageAccountName),
            AzureStorageContainer = reader.Text("logical_backup_azure_storage_container", parameters?.AzureStorageContainer),
            AzureStorageAccountKey = reader.Secret("logical_backup_azure_storage_account_key", parameters?.AzureStorageAccountKey),
            S3Bucket = reader.Text("logical_backup_s3_bucket", parameters?.S3Bucket),
            S3BucketPrefix = reader.Text("logical_backup_s3_bucket_prefix", parameters?.S3BucketPrefix),
            S3Region = reader.Text("logical_backup_s3_region", parameters?.S3Region),
            S3Endpoint = reader.Text("logical_backup_s3_endpoint", parameters?.S3Endpoint),
            S3AccessKeyId = reader.Text("logical_backup_s3_access_key_id", parameters?.S3AccessKeyId),
            S3SecretAccessKey = reader.Secret("logical_backup_s3_secret_access_key", parameters?.S3SecretAccessKey),
            S3Sse = reader.Text("logical_backup_s3_sse", parameters?.S3Sse),
            S3RetentionTime = reader.Text("logical_backup_s3_retention_time", parameters?.S3RetentionTime),
            GoogleApplicationCredentials = reader.Text("logical_backup_google_application_credentials", parameters?.GoogleApplicationCredentials),
            JobPrefix = reader.Text("logical_backup_job_prefix", parameters?.JobPrefix),
            CronJobEnvironmentSecret = reader.Text("logical_backup_cronjob_environment_secret", parameters?.CronJobEnvironmentSecret),
            CpuRequest = reader.Text("logical_backup_cpu_request", parameters?.CpuRequest),
            MemoryRequest = reader.Text("logical_backup_memory_request", parameters?.MemoryRequest),
            CpuLimit = reader.Text("logical_backup_cpu_limit", parameters?.CpuLimit),
            MemoryLimit = reader.Text("logical_backup_memory_limit", parameters?.MemoryLimit),
            SuccessfulJobsHistoryLimit = reader.Integer("logical_backup_successful_jobs_history_limit", parameters?.SuccessfulJobsHistoryLimit),
            FailedJobsHistoryLimit = reader.Integer("logical_backup_failed_jobs_history_limit", parameters?.FailedJobsHistoryLimit),
            TtlSecondsAfterFinished = reader.Integer("logical_backup_ttl_seconds_after_finished", parameters?.TtlSecondsAfterFinished),
        };
    }
}
