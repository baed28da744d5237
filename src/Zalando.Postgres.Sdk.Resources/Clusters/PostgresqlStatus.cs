using System.Text.Json;
using System.Text.Json.Serialization;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Resources;

/// <summary>What the operator says of a cluster.</summary>
public sealed record PostgresqlStatus
{
    /// <summary>One word, as the reference operator writes it: <c>Creating</c>, <c>Updating</c>, <c>Running</c>, <c>CreateFailed</c>, <c>UpdateFailed</c>, <c>SyncFailed</c>, <c>Invalid</c>. Absent: not seen yet.</summary>
    [JsonPropertyName("PostgresClusterStatus")]
    public string? PostgresClusterStatus { get; init; }

    /// <summary>Generation of the manifest that this status is about.</summary>
    [JsonPropertyName("observedGeneration")]
    public long? ObservedGeneration { get; init; }

    /// <summary>Standard conditions: <c>Ready</c>, <c>Progressing</c>, <c>Degraded</c>, <c>Paused</c> and more.</summary>
    [JsonPropertyName("conditions")]
    public IReadOnlyList<Condition>? Conditions { get; init; }

    /// <summary>PostgreSQL pods that exist; what <c>kubectl scale</c> reads.</summary>
    [JsonPropertyName("numberOfInstances")]
    public int? NumberOfInstances { get; init; }

    /// <summary>Selector of the PostgreSQL pods, as text; what <c>kubectl scale</c> and autoscalers read.</summary>
    [JsonPropertyName("labelSelector")]
    public string? LabelSelector { get; init; }

    /// <summary>What has to be done but cannot be done now, the first 20.</summary>
    [JsonPropertyName("pending")]
    public IReadOnlyList<PendingStatus>? Pending { get; init; }

    /// <summary>The last restart of a member that the operator caused.</summary>
    [JsonPropertyName("lastRestart")]
    public RestartStatus? LastRestart { get; init; }

    /// <summary>Fields that this version of the type does not know; kept as they came.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? UnknownFields { get; set; }
}
