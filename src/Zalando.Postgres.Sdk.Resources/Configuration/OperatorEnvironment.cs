using Zalando.Postgres.Sdk.Resources.Validation;

namespace Zalando.Postgres.Sdk.Resources.Configuration;

/// <summary>The environment variables of the operator's process, under the reference operator's names.</summary>
public sealed record OperatorEnvironment
{
    /// <summary>POSTGRES_OPERATOR_CONFIGURATION_OBJECT: name of the <see cref="OperatorConfiguration"/> in the operator's namespace. Default: none, then the ConfigMap counts.</summary>
    public string? ConfigurationObject { get; init; }

    /// <summary>CONFIG_MAP_NAME: the ConfigMap, as <c>name</c> or <c>namespace/name</c>. Default: none, then the built-in defaults count.</summary>
    public NamespacedName? ConfigMapName { get; init; }

    /// <summary>OPERATOR_NAMESPACE: the operator's namespace. Default: that of the pod.</summary>
    public string? OperatorNamespace { get; init; }

    /// <summary>WATCHED_NAMESPACE: overrides <c>watched_namespace</c>; <c>*</c> for all. Default: the parameter.</summary>
    public string? WatchedNamespace { get; init; }

    /// <summary>SCALYR_API_KEY: overrides <c>scalyr_api_key</c>. Default: the parameter.</summary>
    public SensitiveText? ScalyrApiKey { get; init; }

    /// <summary>CRD_READY_WAIT_INTERVAL: pause between looks at a new CRD. <value>4 s</value></summary>
    public TimeSpan CrdReadyWaitInterval { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>CRD_READY_WAIT_TIMEOUT: how long to wait for a new CRD. <value>30 s</value></summary>
    public TimeSpan CrdReadyWaitTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>CONTROLLER_ID: only clusters whose annotation <c>acid.zalan.do/controller</c> has this value are handled. Default: empty, clusters without the annotation.</summary>
    public string ControllerId { get; init; } = "";

    /// <summary>ENABLE_JSON_LOGGING: exactly <c>true</c> switches logs to JSON. <value>false</value></summary>
    public bool EnableJsonLogging { get; init; }

    /// <summary>LOG_NOQUOTE: anything but an empty text makes text logs without quotes. <value>false</value></summary>
    public bool LogWithoutQuotes { get; init; }

    /// <summary>Reads the variables.</summary>
    /// <param name="variables">Variables by name; others are ignored.</param>
    /// <exception cref="InvalidOperatorConfigurationException">A variable cannot be read; the exception names every one.</exception>
    public static OperatorEnvironment Read(IReadOnlyDictionary<string, string> variables)
    {
        ArgumentNullException.ThrowIfNull(variables);
        var findings = new FindingCollector();
        string? Text(string name) => variables.GetValueOrDefault(name) is { Length: > 0 } text ? text : null;
        TimeSpan Duration(string name, int seconds)
        {
            if (Text(name) is not { } text) return TimeSpan.FromSeconds(seconds);
            if (DurationText.TryParse(text, out var duration) && duration > TimeSpan.Zero) return duration;
            findings.Error(name, text, "Duration", "must be a duration longer than zero, for example 5s", "Correct the environment variable");
            return TimeSpan.FromSeconds(seconds);
        }

        NamespacedName? configMap = null;
        if (Text("CONFIG_MAP_NAME") is { } mapText)
        {
            if (NamespacedName.TryParse(mapText, out var name)) configMap = name;
            else findings.Error("CONFIG_MAP_NAME", mapText, "NamespacedName", "must be a name, or namespace/name", "Correct the environment variable");
        }
        var environment = new OperatorEnvironment
        {
            ConfigurationObject = Text("POSTGRES_OPERATOR_CONFIGURATION_OBJECT"),
            ConfigMapName = configMap,
            OperatorNamespace = Text("OPERATOR_NAMESPACE"),
            WatchedNamespace = Text("WATCHED_NAMESPACE"),
            ScalyrApiKey = Text("SCALYR_API_KEY") is { } key ? new SensitiveText(key) : null,
            CrdReadyWaitInterval = Duration("CRD_READY_WAIT_INTERVAL", 4),
            CrdReadyWaitTimeout = Duration("CRD_READY_WAIT_TIMEOUT", 30),
            ControllerId = variables.GetValueOrDefault("CONTROLLER_ID", ""),
            EnableJsonLogging = variables.GetValueOrDefault("ENABLE_JSON_LOGGING") == "true",
            LogWithoutQuotes = Text("LOG_NOQUOTE") is not null,
        };
        return findings.Findings.Count == 0 ? environment : throw new InvalidOperatorConfigurationException(findings.Findings);
    }

    /// <summary>The configuration with the parameters that variables override.</summary>
    /// <param name="configuration">The configuration as read.</param>
    public OperatorConfiguration Apply(OperatorConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        if (WatchedNamespace is null && ScalyrApiKey is null) return configuration;
        var parameters = configuration.Configuration;
        // A group that is made here only to hold the override must not switch on the defaults that the API server gives to written groups.
        var kubernetes = WatchedNamespace is null ? parameters.Kubernetes : (parameters.Kubernetes ?? GroupWithoutDefaults.Kubernetes(configuration)) with { WatchedNamespace = WatchedNamespace };
        var scalyr = ScalyrApiKey is null ? parameters.Scalyr : (parameters.Scalyr ?? GroupWithoutDefaults.Scalyr(configuration)) with { ApiKey = ScalyrApiKey };
        return configuration with { Configuration = parameters with { Kubernetes = kubernetes, Scalyr = scalyr } };
    }
}
