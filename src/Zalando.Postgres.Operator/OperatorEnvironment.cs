using System.Globalization;
using Microsoft.Extensions.Configuration;
using Zalando.Postgres.Sdk.Hosting;

namespace Zalando.Postgres.Operator;

/// <summary>Reads the settings of the process: environment variables as fleets know them, and the same names as arguments (<c>--WATCHED_NAMESPACE=*</c>).</summary>
internal sealed record OperatorEnvironment
{
    public string OperatorNamespace { get; private init; } = "default";

    public IReadOnlyList<string> Namespaces { get; private init; } = [];

    public string ControllerId { get; private init; } = "";

    public string? ConfigurationObject { get; private init; }

    public string? ConfigurationConfigMap { get; private init; }

    public string Identity { get; private init; } = Environment.MachineName;

    public bool LeaderElection { get; private init; } = true;

    public bool InstallDefinitions { get; private init; }

    public bool DatabaseAccess { get; private init; } = true;

    public bool JsonLogging { get; private init; }

    public int HealthPort { get; private init; } = 8081;

    /// <summary>Reads the settings.</summary>
    /// <exception cref="FormatException">HEALTH_PORT is no port.</exception>
    public static OperatorEnvironment Read(IConfiguration configuration) => new()
    {
        OperatorNamespace = Text(configuration, "OPERATOR_NAMESPACE") ?? NamespaceOfPod() ?? "default",
        Namespaces = (Text(configuration, "WATCHED_NAMESPACE") ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
        ControllerId = Text(configuration, "CONTROLLER_ID") ?? "",
        ConfigurationObject = Text(configuration, "POSTGRES_OPERATOR_CONFIGURATION_OBJECT"),
        ConfigurationConfigMap = Text(configuration, "CONFIG_MAP_NAME"),
        Identity = Text(configuration, "POD_NAME") ?? Environment.MachineName,
        LeaderElection = Text(configuration, "LEADER_ELECTION") != "false",
        InstallDefinitions = Text(configuration, "INSTALL_DEFINITIONS") == "true",
        DatabaseAccess = Text(configuration, "DATABASE_ACCESS") != "false",
        JsonLogging = Text(configuration, "ENABLE_JSON_LOGGING") == "true",
        HealthPort = Port(Text(configuration, "HEALTH_PORT")),
    };

    public void Apply(PostgresOperatorOptions options)
    {
        options.OperatorNamespace = OperatorNamespace;
        foreach (var space in Namespaces) options.Namespaces.Add(space);
        options.ControllerId = ControllerId;
        options.ConfigurationObject = ConfigurationObject;
        options.ConfigurationConfigMap = ConfigurationConfigMap;
        options.Identity = Identity;
        options.LeaderElection = LeaderElection;
        options.InstallDefinitions = InstallDefinitions;
        options.DatabaseAccess = DatabaseAccess;
    }

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
