using System.Text.Json;
using System.Text.Json.Serialization;

namespace Zalando.Postgres.Sdk.Resources;

/// <summary>The cluster to follow: a WAL archive, a running server, or both.</summary>
public sealed record StandbySection
{
    /// <summary>WAL archive in S3. Not together with <c>gs_wal_path</c>. Default: none.</summary>
    [JsonPropertyName("s3_wal_path")]
    public string? S3WalPath { get; init; }

    /// <summary>WAL archive in Google Cloud Storage. Default: none.</summary>
    [JsonPropertyName("gs_wal_path")]
    public string? GsWalPath { get; init; }

    /// <summary>Host of the server to follow. Default: none.</summary>
    [JsonPropertyName("standby_host")]
    public string? StandbyHost { get; init; }

    /// <summary>Its port; only with <c>standby_host</c>. Default: 5432.</summary>
    [JsonPropertyName("standby_port")]
    public string? StandbyPort { get; init; }

    /// <summary>Replication slot on that server; only with <c>standby_host</c>. Default: none.</summary>
    [JsonPropertyName("standby_primary_slot_name")]
    public string? StandbyPrimarySlotName { get; init; }

    /// <summary>Fields that this version of the type does not know; kept as they came.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? UnknownFields { get; set; }
}
