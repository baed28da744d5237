using System.Globalization;
using Microsoft.Extensions.Configuration;
using Zalando.Postgres.Sdk.Hosting;
using Zalando.Postgres.Sdk.Reconciliation.Deletion;
using Zalando.Postgres.Sdk.Resources.Configuration;

namespace Zalando.Postgres.Operator;

/// <summary>Reads the settings of the process: environment variables as fleets know them, ours beside them, and the same names as arguments (<c>--WATCHED_NAMESPACE=*</c>).</summary>
internal sealed record ProcessSettings
{
    private static readonly string[] ReferenceNames =
    [
        "POSTGRES_OPERATOR_CONFIGURATION_OBJECT", "CONFIG_MAP_NAME", "OPERATOR_NAMESPACE", "WATCHED_NAMESPACE", "SCALYR_API_KEY",
        "CRD_READY_WAIT_INTERVAL", "CRD_READY_WAIT_TIMEOUT", "CONTROLLER_ID", "ENABLE_JSON_LOGGING", "LOG_NOQUOTE",
    ];

    public required OperatorEnvironment Environment { get; init; }

    public string Identity { get; private init; } = System.Environment.MachineName;

    public bool LeaderElection { get; private init; } = true;

    public bool InstallDefinitions { get; private init; }

    public bool DatabaseAccess { get; private init; } = true;

    public OrphanedClusters OrphanedClusters { get; private init; }

    public string RestartPolicy { get; private init; } = "immediately";

    public string ResizePolicy { get; private init; } = "cpu";

    public int HealthPort { get; private init; } = 8081;

    public string? PatroniAuthorityFile { get; private init; }

    public string? PatroniCertificateFile { get; private init; }

    public string? PatroniKeyFile { get; private init; }

    public string? PatroniUserName { get; private init; }

    public string? PatroniPasswordFile { get; private init; }

    /// <summary>Reads the settings.</summary>
    /// <exception cref="FormatException">HEALTH_PORT is no port, ORPHANED_CLUSTERS no way to treat them, RESTART_POLICY no time of restarts, or RESIZE_POLICY no choice of amounts.</exception>
    /// <exception cref="InvalidOperatorConfigurationException">Variables cannot be read; the exception names every one.</exception>
    public static ProcessSettings Read(IConfiguration configuration)
    {
        var variables = ReferenceNames.Select(n => (Name: n, Value: configuration[n])).Where(static v => v.Value is not null).ToDictionary(static v => v.Name, static v => v.Value!, StringComparer.Ordinal);
        var environment = OperatorEnvironment.Read(variables);
        return new()
        {
            Environment = environment with { OperatorNamespace = environment.OperatorNamespace ?? NamespaceOfPod() },
            Identity = Text(configuration, "POD_NAME") ?? System.Environment.MachineName,
            LeaderElection = Text(configuration, "LEADER_ELECTION") != "false",
            InstallDefinitions = Text(configuration, "INSTALL_DEFINITIONS") == "true",
            DatabaseAccess = Text(configuration, "DATABASE_ACCESS") != "false",
            OrphanedClusters = Orphans(Text(configuration, "ORPHANED_CLUSTERS")),
            RestartPolicy = Restarts(Text(configuration, "RESTART_POLICY")),
            ResizePolicy = Resizes(Text(configuration, "RESIZE_POLICY")),
            PatroniAuthorityFile = Text(configuration, "PATRONI_CA_FILE"),
            PatroniCertificateFile = Text(configuration, "PATRONI_CERTIFICATE_FILE"),
            PatroniKeyFile = Text(configuration, "PATRONI_KEY_FILE"),
            PatroniUserName = Text(configuration, "PATRONI_USER"),
            PatroniPasswordFile = Text(configuration, "PATRONI_PASSWORD_FILE"),
            HealthPort = Port(Text(configuration, "HEALTH_PORT")),
        };
    }

    public void Apply(PostgresOperatorOptions options)
    {
        options.UseEnvironment(Environment);
        options.Identity = Identity;
        options.LeaderElection = LeaderElection;
        options.InstallDefinitions = InstallDefinitions;
        options.DatabaseAccess = DatabaseAccess;
        options.OrphanedClusters = OrphanedClusters;
        options.UseRestartPolicy(RestartPolicy);
        options.UseResizePolicy(ResizePolicy);
        options.PatroniAuthorityFile = PatroniAuthorityFile;
        options.PatroniCertificateFile = PatroniCertificateFile;
        options.PatroniKeyFile = PatroniKeyFile;
        options.PatroniUserName = PatroniUserName;
        options.PatroniPasswordFile = PatroniPasswordFile;
    }

    private static OrphanedClusters Orphans(string? text) => text?.ToLowerInvariant() switch
    {
        null or "report" => OrphanedClusters.Report,
        "delete" => OrphanedClusters.Delete,
        _ => throw new FormatException($"ORPHANED_CLUSTERS is '{text}': it must be report or delete."),
    };

    private static string Restarts(string? text) => text?.ToLowerInvariant() switch
    {
        null => "immediately",
        "immediately" or "window" or "approval" => text.ToLowerInvariant(),
        _ => throw new FormatException($"RESTART_POLICY is '{text}': it must be immediately, window or approval."),
    };

    private static string Resizes(string? text) => text?.ToLowerInvariant() switch
    {
        null => "cpu",
        "cpu" or "cpu-and-memory" or "never" => text.ToLowerInvariant(),
        _ => throw new FormatException($"RESIZE_POLICY is '{text}': it must be cpu, cpu-and-memory or never."),
    };

    private static int Port(string? text) =>
        text is null ? 8081
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= 65535 ? port
        : throw new FormatException($"HEALTH_PORT is '{text}': it must be a port between 1 and 65535.");

    private static string? Text(IConfiguration configuration, string name) => configuration[name] is { Length: > 0 } text ? text : null;

    private static string? NamespaceOfPod()
    {
        const string file = "/var/run/secrets/kubernetes.io/serviceaccount/namespace";
        return File.Exists(file) ? File.ReadAllText(file).Trim() : null;
    }
}
