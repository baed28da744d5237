namespace Zalando.Postgres.Operator;

/// <summary>What the program tells about itself.</summary>
internal static class OperatorUsage
{
    /// <summary>The names of the settings, as environment variables or as arguments <c>--NAME=value</c>.</summary>
    public static readonly IReadOnlyList<(string Name, string Meaning)> Settings =
    [
        ("KUBECONFIG", "file with the address and credentials of the API server; without it those of the pod"),
        ("OPERATOR_NAMESPACE", "namespace of the operator's lease and configuration; default: that of the pod, else default"),
        ("WATCHED_NAMESPACE", "namespaces with clusters, separated by commas, * for all; default: watched_namespace of the configuration, else the operator's own"),
        ("POSTGRES_OPERATOR_CONFIGURATION_OBJECT", "name of the OperatorConfiguration in the operator's namespace"),
        ("CONFIG_MAP_NAME", "name, or namespace/name, of the ConfigMap with the configuration"),
        ("CONTROLLER_ID", "only clusters with this value in the annotation acid.zalan.do/controller; default: those without it"),
        ("SCALYR_API_KEY", "key of the log sidecar; wins over scalyr_api_key of the configuration"),
        ("CRD_READY_WAIT_INTERVAL", "pause between looks at a new definition; default: 4s"),
        ("CRD_READY_WAIT_TIMEOUT", "how long to wait for a new definition; default: 30s"),
        ("POD_NAME", "name of this process in the leader election; default: the name of the host"),
        ("LEADER_ELECTION", "true or false; default: true"),
        ("INSTALL_DEFINITIONS", "true: create or update the custom resource definitions at the start; default: false"),
        ("RESTART_POLICY", "when pods may be restarted for changes: immediately (default), window (the maintenance window), approval (by an annotation of the cluster)"),
        ("RESIZE_POLICY", "which amounts running pods get without being made again, where Kubernetes can do that: cpu (default), cpu-and-memory, never"),
        ("ORPHANED_CLUSTERS", "delete: delete clusters whose manifest was deleted while no operator ran, ten minutes after reporting them; default: report them only"),
        ("DATABASE_ACCESS", "false: never connect to a database; default: true"),
        ("PATRONI_CA_FILE", "certificates that may have signed those of Patroni's REST API, where pods have one; default: those of the system"),
        ("PATRONI_CERTIFICATE_FILE", "certificate that the operator shows to Patroni; default: none"),
        ("PATRONI_KEY_FILE", "its key; default: in the same file"),
        ("PATRONI_USER", "user name for Patroni's REST API; default: none"),
        ("PATRONI_PASSWORD_FILE", "file with its password, read at each call"),
        ("ENABLE_JSON_LOGGING", "true: a JSON object per log line; default: false"),
        ("LOG_NOQUOTE", "accepted because fleets set it; log lines are never quoted"),
        ("HEALTH_PORT", "port on 127.0.0.1 that answers /livez and /readyz; default: 8081"),
    ];

    /// <summary>The text of <c>--help</c>.</summary>
    public static string Text => string.Join('\n', (string[])
    [
        "Runs PostgreSQL clusters from postgresql manifests until SIGTERM.",
        "",
        "usage: Zalando.Postgres.Operator [--NAME=value]...    the operator",
        "       Zalando.Postgres.Operator probe live|ready     asks the operator on this host for its health: exit 0 healthy, 1 not",
        "",
        "Settings, as environment variables or arguments:",
        .. Settings.Select(s => $"  {s.Name,-40} {s.Meaning}"),
        "",
    ]);

    /// <summary>The argument that is none of the above; null when all are known.</summary>
    public static string? Unknown(IReadOnlyList<string> arguments) => arguments.FirstOrDefault(argument =>
        !argument.StartsWith("--", StringComparison.Ordinal) || !argument.Contains('=', StringComparison.Ordinal)
        || !Settings.Any(s => s.Name.Equals(argument[2..argument.IndexOf('=', StringComparison.Ordinal)], StringComparison.OrdinalIgnoreCase)));
}
