using System.Text.Json;
using System.Text.Json.Serialization;

namespace Zalando.Postgres.Sdk.Resources;

/// <summary>The cluster to copy, and where from.</summary>
public sealed record CloneSection
{
    /// <summary>Name of the source cluster. Required; empty switches cloning off.</summary>
    [JsonPropertyName("cluster")]
    public string? Cluster { get; init; }

    /// <summary>UID of the source cluster, part of its path in the backup store. Default: none.</summary>
    [JsonPropertyName("uid")]
    public string? Uid { get; init; }

    /// <summary>Point in time to restore, RFC 3339 with a numeric offset (<c>+00:00</c>, not <c>Z</c>). Absent: a base backup of the running source.</summary>
    [JsonPropertyName("timestamp")]
    public string? Timestamp { get; init; }

    /// <summary>Full path of the source's WAL, instead of the operator's bucket. Default: none.</summary>
    [JsonPropertyName("s3_wal_path")]
    public string? S3WalPath { get; init; }

    /// <summary>URL of the S3 service. Default: AWS.</summary>
    [JsonPropertyName("s3_endpoint")]
    public string? S3Endpoint { get; init; }

    /// <summary>S3 access key. Default: the pod's own identity.</summary>
    [JsonPropertyName("s3_access_key_id")]
    public string? S3AccessKeyId { get; init; }

    /// <summary>S3 secret key, in clear text in the pod. Default: the pod's own identity.</summary>
    [JsonPropertyName("s3_secret_access_key")]
    public SensitiveText? S3SecretAccessKey { get; init; }

    /// <summary>Puts the bucket into the path instead of the host name. Default: Spilo's.</summary>
    [JsonPropertyName("s3_force_path_style")]
    public bool? S3ForcePathStyle { get; init; }

    /// <summary>Fields that this version of the type does not know; kept as they came.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? UnknownFields { get; set; }
}
