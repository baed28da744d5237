using System.ComponentModel.DataAnnotations;
using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Reconciliation.Deletion;
using Zalando.Postgres.Sdk.Resources.Configuration;

namespace Zalando.Postgres.Sdk.Hosting;

/// <summary>Settings of the operator's process. What it does to clusters is in the operator configuration (an <c>OperatorConfiguration</c> object or a ConfigMap), never here.</summary>
public sealed class PostgresOperatorOptions
{
    /// <summary>Namespaces with clusters to look after; empty for those that the operator configuration names, <c>*</c> for all. <value>empty</value></summary>
    public IList<string> Namespaces { get; } = [];

    /// <summary>Namespace of the operator itself. <value><c>default</c></value></summary>
    [Required]
    [RegularExpression("^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$", ErrorMessage = "OperatorNamespace must be the name of a namespace.")]
    public string OperatorNamespace { get; set; } = "default";

    /// <summary>Name of this operator among several: it looks after clusters whose annotation <c>acid.zalan.do/controller</c> is equal. <value>empty: clusters without the annotation</value></summary>
    public string ControllerId { get; set; } = "";

    /// <summary>Name of the <c>OperatorConfiguration</c> object in <see cref="OperatorNamespace"/>; it wins over <see cref="ConfigurationConfigMap"/>. <value>null</value></summary>
    public string? ConfigurationObject { get; set; }

    /// <summary>The ConfigMap with the operator configuration, as <c>name</c> or <c>namespace/name</c>. <value>null: the defaults</value></summary>
    public string? ConfigurationConfigMap { get; set; }

    /// <summary>Variables of the process that override parameters of the operator configuration, and the times to wait for definitions. <value>none set</value></summary>
    /// <remarks><see cref="UseEnvironment"/> also takes over the names that have options of their own.</remarks>
    public OperatorEnvironment Environment { get; set; } = new();

    /// <summary>Takes over the environment variables of the reference operator: configuration object or ConfigMap, namespaces, controller id, Scalyr key, times.</summary>
    /// <param name="environment">The variables; those that are not set change nothing.</param>
    public void UseEnvironment(OperatorEnvironment environment)
    {
        ArgumentNullException.ThrowIfNull(environment);
        if (environment.OperatorNamespace is { } space) OperatorNamespace = space;
        if (environment.ConfigurationObject is { } name) ConfigurationObject = name;
        if (environment.ConfigMapName is { } map) ConfigurationConfigMap = map.ToString();
        if (environment.ControllerId.Length > 0) ControllerId = environment.ControllerId;
        // Several namespaces are ours only; the parameter of the configuration holds one.
        foreach (var watched in (environment.WatchedNamespace ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)) Namespaces.Add(watched);
        Environment = environment with { WatchedNamespace = null };
    }

    /// <summary>What happens to objects of clusters that were deleted while no operator ran: <c>Report</c> keeps them and says so; <c>Delete</c> deletes them, and
    /// needs an empty <see cref="ControllerId"/>. <value><c>Report</c></value></summary>
    public OrphanedClusters OrphanedClusters { get; set; } = OrphanedClusters.Report;

    /// <summary>When pods may be restarted for a changed manifest, configuration or operator version; the annotation <c>acid.zalan.do/restarts</c> of a cluster wins.
    /// <value><c>Immediately</c></value></summary>
    public RestartPolicy RestartPolicy { get; set; } = RestartPolicy.Immediately;

    /// <summary>Sets <see cref="RestartPolicy"/> by the word that the annotation of a cluster would have: <c>immediately</c>, <c>window</c> or <c>approval</c>.</summary>
    /// <param name="policy">The word.</param>
    /// <exception cref="FormatException">It is another word.</exception>
    public void UseRestartPolicy(string policy) => RestartPolicy = policy switch
    {
        "immediately" => RestartPolicy.Immediately,
        "window" => RestartPolicy.MaintenanceWindow,
        "approval" => RestartPolicy.Approval,
        _ => throw new FormatException($"The restart policy is '{policy}': it must be immediately, window or approval."),
    };

    /// <summary>Which changes of cpu and memory reach running database pods, where the API server can do that; the annotation <c>acid.zalan.do/resize</c> of a cluster wins.
    /// <value><c>Cpu</c></value></summary>
    public ResizePolicy ResizePolicy { get; set; } = ResizePolicy.Cpu;

    /// <summary>Sets <see cref="ResizePolicy"/> by the word that the annotation of a cluster would have: <c>cpu</c>, <c>cpu-and-memory</c> or <c>never</c>.</summary>
    /// <param name="policy">The word.</param>
    /// <exception cref="FormatException">It is another word.</exception>
    public void UseResizePolicy(string policy) => ResizePolicy = policy switch
    {
        "cpu" => ResizePolicy.Cpu,
        "cpu-and-memory" => ResizePolicy.CpuAndMemory,
        "never" => ResizePolicy.Never,
        _ => throw new FormatException($"The resize policy is '{policy}': it must be cpu, cpu-and-memory or never."),
    };

    /// <summary>Passes at the same time; null for <c>workers</c> of the operator configuration. <value>null</value></summary>
    [Range(1, 1000)]
    public int? Workers { get; set; }

    /// <summary>How often every cluster is looked at although nothing changed, at least a second; null for <c>resync_period</c> of the operator configuration. <value>null</value></summary>
    public TimeSpan? ResyncPeriod { get; set; }

    /// <summary>How long one call to the outside may take: 1 second to 10 minutes. <value>30 seconds</value></summary>
    public TimeSpan CallTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Whether the custom resource definitions are created or brought up to date at start. <value>false: they are installed beforehand</value></summary>
    public bool InstallDefinitions { get; set; }

    /// <summary>Whether several processes agree on one that works. Without it, run one process only. <value>true</value></summary>
    public bool LeaderElection { get; set; } = true;

    /// <summary>Name of the lease in <see cref="OperatorNamespace"/>. <value><c>postgres-operator</c></value></summary>
    [Required]
    public string LeaseName { get; set; } = "postgres-operator";

    /// <summary>Name of this process among the candidates; a successor with the same name takes over at once. <value>the machine's name, which is the pod's</value></summary>
    [Required]
    public string Identity { get; set; } = System.Environment.MachineName;

    /// <summary>Whether roles and databases inside the clusters are looked after. <value>true, as far as the operator configuration says so too</value></summary>
    public bool DatabaseAccess { get; set; } = true;

    /// <summary>PEM file with the certificates that may have signed those of Patroni's REST API; null for those of the system. Only where pods have a certificate for it (<c>SSL_RESTAPI_*</c>). <value>null</value></summary>
    public string? PatroniAuthorityFile { get; set; }

    /// <summary>PEM file with the certificate that the operator shows to Patroni; null for none. <value>null</value></summary>
    public string? PatroniCertificateFile { get; set; }

    /// <summary>PEM file with the key of <see cref="PatroniCertificateFile"/>; null when it is in the same file. <value>null</value></summary>
    public string? PatroniKeyFile { get; set; }

    /// <summary>User name for Patroni's REST API; null for none. <value>null</value></summary>
    public string? PatroniUserName { get; set; }

    /// <summary>File with the password of <see cref="PatroniUserName"/>, read at each call. <value>null</value></summary>
    public string? PatroniPasswordFile { get; set; }

    /// <summary>File with the bearer token of the Teams API, read at each question; null for the Secret that the operator configuration names. <value>null</value></summary>
    public string? TeamsApiTokenFile { get; set; }
}
