namespace Zalando.Postgres.Sdk.Resources.Configuration;

/// <summary>How long the operator waits, with defaults filled in.</summary>
public sealed record TimeoutSettings
{
    /// <summary>Poll interval for StatefulSet/pod readiness, StatefulSet deletion, PDB deletion, and reading <c>pod_environment_secret</c>. Effective in both configuration forms.</summary>
    /// <value><c>3s</c>.</value>
    public required TimeSpan ResourceCheckInterval { get; init; }

    /// <summary>Overall limit of those polls (number of tries = timeout / interval).</summary>
    /// <value><c>10m</c>.</value>
    public required TimeSpan ResourceCheckTimeout { get; init; }

    /// <summary>Wait for a pod to get its role label after recreation or switchover.</summary>
    /// <value><c>10m</c>.</value>
    public required TimeSpan PodLabelWaitTimeout { get; init; }

    /// <summary>Wait for the DELETE event of a pod.</summary>
    /// <value><c>10m</c>.</value>
    public required TimeSpan PodDeletionWaitTimeout { get; init; }

    /// <summary>Without effect; the environment variable CRD_READY_WAIT_INTERVAL counts.</summary>
    /// <value><c>4s</c>.</value>
    public required TimeSpan ReadyWaitInterval { get; init; }

    /// <summary>Without effect; the environment variable CRD_READY_WAIT_TIMEOUT counts.</summary>
    /// <value><c>30s</c>.</value>
    public required TimeSpan ReadyWaitTimeout { get; init; }

    /// <summary>Poll interval of Patroni API reads. Only effective for the wait for a switchover candidate; other calls fail at the first error.</summary>
    /// <value><c>1s</c>.</value>
    public required TimeSpan PatroniApiCheckInterval { get; init; }

    /// <summary>Limit of those polls. HTTP timeout of a single Patroni call is fixed at 30s.</summary>
    /// <value><c>5s</c>.</value>
    public required TimeSpan PatroniApiCheckTimeout { get; init; }

    internal static TimeoutSettings Read(TimeoutParameters? parameters, SettingsReader reader)
    {
        reader = reader.Group(parameters is not null);
        return new()
        {
            ResourceCheckInterval = reader.Duration("resource_check_interval", parameters?.ResourceCheckInterval),
            ResourceCheckTimeout = reader.Duration("resource_check_timeout", parameters?.ResourceCheckTimeout),
            PodLabelWaitTimeout = reader.Duration("pod_label_wait_timeout", parameters?.PodLabelWaitTimeout),
            PodDeletionWaitTimeout = reader.Duration("pod_deletion_wait_timeout", parameters?.PodDeletionWaitTimeout),
            ReadyWaitInterval = reader.Duration("ready_wait_interval", parameters?.ReadyWaitInterval),
            ReadyWaitTimeout = reader.Duration("ready_wait_timeout", parameters?.ReadyWaitTimeout),
            PatroniApiCheckInterval = reader.Duration("patroni_api_check_interval", parameters?.PatroniApiCheckInterval),
            PatroniApiCheckTimeout = reader.Duration("patroni_api_check_timeout", parameters?.PatroniApiCheckTimeout),
        };
    }
}
