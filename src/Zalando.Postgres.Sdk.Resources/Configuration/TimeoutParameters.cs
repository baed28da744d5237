using System.Text.Json;
using System.Text.Json.Serialization;

namespace Zalando.Postgres.Sdk.Resources.Configuration;

/// <summary>How long the operator waits, as written; null means not written.</summary>
public sealed record TimeoutParameters
{
    /// <summary>Poll interval for StatefulSet/pod readiness, StatefulSet deletion, PDB deletion, and reading <c>pod_environment_secret</c>. Effective in both configuration forms.</summary>
    /// <value><c>3s</c>.</value>
    [JsonPropertyName("resource_check_interval")]
    public string? ResourceCheckInterval { get; init; }

    /// <summary>Overall limit of those polls (number of tries = timeout / interval).</summary>
    /// <value><c>10m</c>.</value>
    [JsonPropertyName("resource_check_timeout")]
    public string? ResourceCheckTimeout { get; init; }

    /// <summary>Wait for a pod to get its role label after recreation or switchover.</summary>
    /// <value><c>10m</c>.</value>
    [JsonPropertyName("pod_label_wait_timeout")]
    public string? PodLabelWaitTimeout { get; init; }

    /// <summary>Wait for the DELETE event of a pod.</summary>
    /// <value><c>10m</c>.</value>
    [JsonPropertyName("pod_deletion_wait_timeout")]
    public string? PodDeletionWaitTimeout { get; init; }

    /// <summary>Without effect; the environment variable CRD_READY_WAIT_INTERVAL counts.</summary>
    /// <value><c>4s</c>.</value>
    [JsonPropertyName("ready_wait_interval")]
    public string? ReadyWaitInterval { get; init; }

    /// <summary>Without effect; the environment variable CRD_READY_WAIT_TIMEOUT counts.</summary>
    /// <value><c>30s</c>.</value>
    [JsonPropertyName("ready_wait_timeout")]
    public string? ReadyWaitTimeout { get; init; }

    /// <summary>Poll interval of Patroni API reads. Only effective for the wait for a switchover candidate; other calls fail at the first error.</summary>
    /// <value><c>1s</c>.</value>
    [JsonPropertyName("patroni_api_check_interval")]
    public string? PatroniApiCheckInterval { get; init; }

    /// <summary>Limit of those polls. HTTP timeout of a single Patroni call is fixed at 30s.</summary>
    /// <value><c>5s</c>.</value>
    [JsonPropertyName("patroni_api_check_timeout")]
    public string? PatroniApiCheckTimeout { get; init; }

    /// <summary>Fields that this version of the type does not know; kept as they came.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? UnknownFields { get; set; }
}
