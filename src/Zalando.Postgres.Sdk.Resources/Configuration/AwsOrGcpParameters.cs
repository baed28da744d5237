using System.Text.Json;
using System.Text.Json.Serialization;

namespace Zalando.Postgres.Sdk.Resources.Configuration;

/// <summary>WAL archives and cloud identities, as written; null means not written.</summary>
public sealed record AwsOrGcpParameters
{
    /// <summary>Env <c>WAL_S3_BUCKET</c>, <c>WAL_BUCKET_SCOPE_SUFFIX=/&lt;uid&gt;</c>, empty <c>WAL_BUCKET_SCOPE_PREFIX</c>; for clones <c>CLONE_WAL_S3_BUCKET</c> (first choice).</summary>
    /// <value>None.</value>
    [JsonPropertyName("wal_s3_bucket")]
    public string? WalS3Bucket { get; init; }

    /// <summary>Region of volumes in storage resize modes other than pvc whose zone the PersistentVolume does not tell.</summary>
    /// <value><c>eu-central-1</c>; none when the group is absent.</value>
    [JsonPropertyName("aws_region")]
    public string? AwsRegion { get; init; }

    /// <summary>Env <c>WAL_GS_BUCKET</c> and scope variables; clones: second choice.</summary>
    /// <value>None.</value>
    [JsonPropertyName("wal_gs_bucket")]
    public string? WalGsBucket { get; init; }

    /// <summary>Env <c>GOOGLE_APPLICATION_CREDENTIALS</c>; for GS clones <c>CLONE_GOOGLE_APPLICATION_CREDENTIALS</c>.</summary>
    /// <value>None.</value>
    [JsonPropertyName("gcp_credentials")]
    public string? GcpCredentials { get; init; }

    /// <summary>Env <c>AZURE_STORAGE_ACCOUNT</c> and scope variables; clones: third choice.</summary>
    /// <value>None.</value>
    [JsonPropertyName("wal_az_storage_account")]
    public string? WalAzStorageAccount { get; init; }

    /// <summary>Env <c>LOG_S3_BUCKET</c>, <c>LOG_BUCKET_SCOPE_SUFFIX</c>, <c>LOG_BUCKET_SCOPE_PREFIX</c>.</summary>
    /// <value>None.</value>
    [JsonPropertyName("log_s3_bucket")]
    public string? LogS3Bucket { get; init; }

    /// <summary>Pod annotation <c>iam.amazonaws.com/role</c> on Postgres and backup pods.</summary>
    /// <value>None.</value>
    [JsonPropertyName("kube_iam_role")]
    public string? KubeIamRole { get; init; }

    /// <summary>Annotation <c>eks.amazonaws.com/role-arn</c> on the pod service account, set when the account is created and synced on update and sync (removed when empty); clone and standby pods also get role ARN and token file variables; the kube2iam annotation is then left to disappear by pod rotation.</summary>
    /// <value>None.</value>
    [JsonPropertyName("irsa_role_arn")]
    public string? IrsaRoleArn { get; init; }

    /// <summary>Secret mounted in all containers of Postgres and backup pods (volume name = secret name).</summary>
    /// <value>None.</value>
    [JsonPropertyName("additional_secret_mount")]
    public string? AdditionalSecretMount { get; init; }

    /// <summary>Mount path of that Secret.</summary>
    /// <value>None.</value>
    [JsonPropertyName("additional_secret_mount_path")]
    public string? AdditionalSecretMountPath { get; init; }

    /// <summary>Fields that this version of the type does not know; kept as they came.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? UnknownFields { get; set; }
}
