using System.Text.Json;
using System.Text.Json.Serialization;

namespace Zalando.Postgres.Sdk.Resources;

/// <summary>Settings of Patroni, which elects the primary and configures PostgreSQL.</summary>
public sealed record PatroniSection
{
    /// <summary>Options of <c>initdb</c>, used once. <c>"true"</c> makes a bare flag. Default: <c>auth-host: scram-sha-256</c>, <c>auth-local: trust</c>.</summary>
    [JsonPropertyName("initdb")]
    public IReadOnlyDictionary<string, string>? InitDb { get; init; }

    /// <summary>Lines of <c>pg_hba.conf</c>, which replace all of the image's. Default: those of the Spilo image.</summary>
    [JsonPropertyName("pg_hba")]
    public IReadOnlyList<string>? PgHba { get; init; }

    /// <summary>Lifetime of the leader lock in seconds. Default: Spilo's, 30.</summary>
    [JsonPropertyName("ttl")]
    public long? Ttl { get; init; }

    /// <summary>Pause of Patroni's loop in seconds. Default: Spilo's, 10.</summary>
    [JsonPropertyName("loop_wait")]
    public long? LoopWait { get; init; }

    /// <summary>How long Patroni retries against Kubernetes and PostgreSQL before the primary steps down, in seconds. Default: Spilo's, 10.</summary>
    [JsonPropertyName("retry_timeout")]
    public long? RetryTimeout { get; init; }

    /// <summary>How far behind, in bytes, a replica may be to become primary. Default: Spilo's, 33554432.</summary>
    [JsonPropertyName("maximum_lag_on_failover")]
    public long? MaximumLagOnFailover { get; init; }

    /// <summary>Replication slots that survive a failover, by name: <c>type</c> <c>physical</c>, or <c>logical</c> with <c>database</c> and <c>plugin</c>. Default: none.</summary>
    [JsonPropertyName("slots")]
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>?>? Slots { get; init; }

    /// <summary>A commit waits for a replica. Default: false.</summary>
    [JsonPropertyName("synchronous_mode")]
    public bool? SynchronousMode { get; init; }

    /// <summary>Without a replica, writes stop instead of going on unprotected. Default: false.</summary>
    [JsonPropertyName("synchronous_mode_strict")]
    public bool? SynchronousModeStrict { get; init; }

    /// <summary>Number of replicas a commit waits for. Default: 0, which Patroni treats as 1.</summary>
    [JsonPropertyName("synchronous_node_count")]
    public long? SynchronousNodeCount { get; init; }

    /// <summary>The primary stays primary while Kubernetes is unreachable, as long as it reaches all replicas. Default: operator parameter <c>enable_patroni_failsafe_mode</c>.</summary>
    [JsonPropertyName("failsafe_mode")]
    public bool? FailsafeMode { get; init; }

    /// <summary>Fields that this version of the type does not know; kept as they came.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? UnknownFields { get; set; }
}
