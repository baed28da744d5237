using System.ComponentModel.DataAnnotations;

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
    public string Identity { get; set; } = Environment.MachineName;

    /// <summary>Whether roles and databases inside the clusters are looked after. <value>true, as far as the operator configuration says so too</value></summary>
    public bool DatabaseAccess { get; set; } = true;
}
