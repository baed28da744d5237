using System.Text.Json;
using System.Text.Json.Serialization;

namespace Zalando.Postgres.Sdk.Resources.Configuration;

/// <summary>Scheduled dumps, as written; null means not written.</summary>
public sealed record LogicalBackupParameters
{
    /// <summary>CronJob schedule unless <c>spec.logicalBackupSchedule</c> is set.</summary>
    /// <value><c>30 00 * * *</c>.</value>
    [JsonPropertyName("logical_backup_schedule")]
    public string? Schedule { get; init; }

    /// <summary>Image of the backup container.</summary>
    /// <value><c>ghcr.io/zalando/postgres-operator/logical-backup:v2.0.1</c>.</value>
    [JsonPropertyName("logical_backup_docker_image")]
    public string? DockerImage { get; init; }

    /// <summary>Env <c>LOGICAL_BACKUP_PROVIDER</c>; selects which further variables are set.</summary>
    /// <value><c>s3</c>.</value>
    [JsonPropertyName("logical_backup_provider")]
    public string? Provider { get; init; }

    /// <summary>Env <c>LOGICAL_BACKUP_AZURE_STORAGE_ACCOUNT_NAME</c> (provider az).</summary>
    /// <value>None.</value>
    [JsonPropertyName("logical_backup_azure_storage_account_name")]
    public string? AzureStorageAccountName { get; init; }

    /// <summary>Env <c>LOGICAL_BACKUP_AZURE_STORAGE_CONTAINER</c> (provider az).</summary>
    /// <value>None.</value>
    [JsonPropertyName("logical_backup_azure_storage_container")]
    public string? AzureStorageContainer { get; init; }

    /// <summary>Env <c>LOGICAL_BACKUP_AZURE_STORAGE_ACCOUNT_KEY</c> (provider az, when not empty).</summary>
    /// <value>None.</value>
    [JsonPropertyName("logical_backup_azure_storage_account_key")]
    public SensitiveText? AzureStorageAccountKey { get; init; }

    /// <summary>Env <c>LOGICAL_BACKUP_S3_BUCKET</c> (all providers).</summary>
    /// <value>None.</value>
    [JsonPropertyName("logical_backup_s3_bucket")]
    public string? S3Bucket { get; init; }

    /// <summary>Env <c>LOGICAL_BACKUP_S3_BUCKET_PREFIX</c> (all providers).</summary>
    /// <value><c>spilo</c>.</value>
    [JsonPropertyName("logical_backup_s3_bucket_prefix")]
    public string? S3BucketPrefix { get; init; }

    /// <summary>Env <c>LOGICAL_BACKUP_S3_REGION</c> (s3).</summary>
    /// <value>None.</value>
    [JsonPropertyName("logical_backup_s3_region")]
    public string? S3Region { get; init; }

    /// <summary>Env <c>LOGICAL_BACKUP_S3_ENDPOINT</c> (s3).</summary>
    /// <value>None.</value>
    [JsonPropertyName("logical_backup_s3_endpoint")]
    public string? S3Endpoint { get; init; }

    /// <summary>Env <c>AWS_ACCESS_KEY_ID</c> (s3, when not empty).</summary>
    /// <value>None.</value>
    [JsonPropertyName("logical_backup_s3_access_key_id")]
    public string? S3AccessKeyId { get; init; }

    /// <summary>Env <c>AWS_SECRET_ACCESS_KEY</c> (s3, when not empty).</summary>
    /// <value>None.</value>
    [JsonPropertyName("logical_backup_s3_secret_access_key")]
    public SensitiveText? S3SecretAccessKey { get; init; }

    /// <summary>Env <c>LOGICAL_BACKUP_S3_SSE</c> (s3).</summary>
    /// <value>None.</value>
    [JsonPropertyName("logical_backup_s3_sse")]
    public string? S3Sse { get; init; }

    /// <summary>Env <c>LOGICAL_BACKUP_S3_RETENTION_TIME</c> (s3) unless <c>spec.logicalBackupRetention</c> is set.</summary>
    /// <value>None.</value>
    [JsonPropertyName("logical_backup_s3_retention_time")]
    public string? S3RetentionTime { get; init; }

    /// <summary>Env <c>LOGICAL_BACKUP_GOOGLE_APPLICATION_CREDENTIALS</c> (gcs, when not empty).</summary>
    /// <value>None.</value>
    [JsonPropertyName("logical_backup_google_application_credentials")]
    public string? GoogleApplicationCredentials { get; init; }

    /// <summary>Prefix of the CronJob name; the result is cut to 52 characters and trailing dashes removed.</summary>
    /// <value><c>logical-backup-</c>.</value>
    [JsonPropertyName("logical_backup_job_prefix")]
    public string? JobPrefix { get; init; }

    /// <summary>Secret in the cluster namespace whose keys become env variables by reference (order not stable).</summary>
    /// <value>None.</value>
    [JsonPropertyName("logical_backup_cronjob_environment_secret")]
    public string? CronJobEnvironmentSecret { get; init; }

    /// <summary>Resource of the backup container; empty falls back to the Postgres default.</summary>
    /// <value>None.</value>
    [JsonPropertyName("logical_backup_cpu_request")]
    public string? CpuRequest { get; init; }

    /// <summary>Resource of the backup container; empty falls back to the Postgres default.</summary>
    /// <value>None.</value>
    [JsonPropertyName("logical_backup_memory_request")]
    public string? MemoryRequest { get; init; }

    /// <summary>Resource of the backup container; empty falls back to the Postgres default.</summary>
    /// <value>None.</value>
    [JsonPropertyName("logical_backup_cpu_limit")]
    public string? CpuLimit { get; init; }

    /// <summary>Resource of the backup container; empty falls back to the Postgres default.</summary>
    /// <value>None.</value>
    [JsonPropertyName("logical_backup_memory_limit")]
    public string? MemoryLimit { get; init; }

    /// <summary>CronJob successfulJobsHistoryLimit.</summary>
    /// <value><c>3</c>.</value>
    [JsonPropertyName("logical_backup_successful_jobs_history_limit")]
    public int? SuccessfulJobsHistoryLimit { get; init; }

    /// <summary>CronJob failedJobsHistoryLimit.</summary>
    /// <value><c>3</c>.</value>
    [JsonPropertyName("logical_backup_failed_jobs_history_limit")]
    public int? FailedJobsHistoryLimit { get; init; }

    /// <summary>Job ttlSecondsAfterFinished.</summary>
    /// <value><c>86400</c>; none when the group is absent.</value>
    [JsonPropertyName("logical_backup_ttl_seconds_after_finished")]
    public int? TtlSecondsAfterFinished { get; init; }

    /// <summary>Fields that this version of the type does not know; kept as they came.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? UnknownFields { get; set; }
}
