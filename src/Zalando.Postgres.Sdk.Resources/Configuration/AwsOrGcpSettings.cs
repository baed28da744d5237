namespace Zalando.Postgres.Sdk.Resources.Configuration;

/// <summary>WAL archives and cloud identities, with defaults filled in.</summary>
public sealed record AwsOrGcpSettings
{
    /// <summary>Env <c>WAL_S3_BUCKET</c>, <c>WAL_BUCKET_SCOPE_SUFFIX=/&lt;uid&gt;</c>, empty <c>WAL_BUCKET_SCOPE_PREFIX</c>; for clones <c>CLONE_WAL_S3_BUCKET</c> (first choice).</summary>
    /// <value>None.</value>
    public required string WalS3Bucket { get; init; }

    /// <summary>Region of volumes in storage resize modes other than pvc whose zone the PersistentVolume does not tell.</summary>
    /// <value><c>eu-central-1</c>; none when the group is absent.</value>
    public required string AwsRegion { get; init; }

    /// <summary>Env <c>WAL_GS_BUCKET</c> and scope variables; clones: second choice.</summary>
    /// <value>None.</value>
    public required string WalGsBucket { get; init; }

    /// <summary>Env <c>GOOGLE_APPLICATION_CREDENTIALS</c>; for GS clones <c>CLONE_GOOGLE_APPLICATION_CREDENTIALS</c>.</summary>
    /// <value>None.</value>
    public required string GcpCredentials { get; init; }

    /// <summary>Env <c>AZURE_STORAGE_ACCOUNT</c> and scope variables; clones: third choice.</summary>
    /// <value>None.</value>
    public required string WalAzStorageAccount { get; init; }

    /// <summary>Env <c>LOG_S3_BUCKET</c>, <c>LOG_BUCKET_SCOPE_SUFFIX</c>, <c>LOG_BUCKET_SCOPE_PREFIX</c>.</summary>
    /// <value>None.</value>
    public required string LogS3Bucket { get; init; }

    /// <summary>Pod annotation <c>iam.amazonaws.com/role</c> on Postgres and backup pods.</summary>
    /// <value>None.</value>
    public required string KubeIamRole { get; init; }

    /// <summary>Annotation <c>eks.amazonaws.com/role-arn</c> on the pod service account, set when the account is created and synced on update and sync (removed when empty); clone and standby pods also get role ARN and token file variables; the kube2iam annotation is then left to disappear by pod rotation.</summary>
    /// <value>None.</value>
    public required string IrsaRoleArn { get; init; }

    /// <summary>Secret mounted in all containers of Postgres and backup pods (volume name = secret name).</summary>
    /// <value>None.</value>
    public required string AdditionalSecretMount { get; init; }

    /// <summary>Mount path of that Secret.</summary>
    /// <value>None.</value>
    public required string AdditionalSecretMountPath { get; init; }

    internal static AwsOrGcpSettings Read(AwsOrGcpParameters? parameters, SettingsReader reader)
    {
        reader = reader.Group(parameters is not null);
        return new()
        {
            WalS3Bucket = reader.Text("wal_s3_bucket", parameters?.WalS3Bucket),
            AwsRegion = reader.Text("aws_region", parameters?.AwsRegion),
            WalGsBucket = reader.Text("wal_gs_bucket", parameters?.WalGsBucket),
            GcpCredentials = reader.Text("gcp_credentials", parameters?.GcpCredentials),
            WalAzStorageAccount = reader.Text("wal_az_storage_account", parameters?.WalAzStorageAccount),
            LogS3Bucket = reader.Text("log_s3_bucket", parameters?.LogS3Bucket),
            KubeIamRole = reader.Text("kube_iam_role", parameters?.KubeIamRole),
            IrsaRoleArn = reader.Text("irsa_role_arn", parameters?.IrsaRoleArn),
            AdditionalSecretMount = reader.Text("additional_secret_mount", parameters?.AdditionalSecretMount),
            AdditionalSecretMountPath = reader.Text("additional_secret_mount_path", parameters?.AdditionalSecretMountPath),
        };
    }
}
