namespace Zalando.Postgres.Sdk.Resources.Configuration;

/// <summary>The operator's own HTTP API, with defaults filled in.</summary>
public sealed record LoggingRestApiSettings
{
    /// <summary>Port of the operator HTTP API (all interfaces).</summary>
    /// <value><c>8080</c>.</value>
    public required int ApiPort { get; init; }

    /// <summary>Log lines kept per cluster and per worker.</summary>
    /// <value><c>100</c>.</value>
    public required int RingLogLines { get; init; }

    /// <summary>Spec diffs kept per cluster.</summary>
    /// <value><c>1000</c>.</value>
    public required int ClusterHistoryEntries { get; init; }

    internal static LoggingRestApiSettings Read(LoggingRestApiParameters? parameters, SettingsReader reader)
    {
        reader = reader.Group(parameters is not null);
        return new()
        {
            ApiPort = reader.Integer("api_port", parameters?.ApiPort),
            RingLogLines = reader.Integer("ring_log_lines", parameters?.RingLogLines),
            ClusterHistoryEntries = reader.Integer("cluster_history_entries", parameters?.ClusterHistoryEntries),
        };
    }
}
