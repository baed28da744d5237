namespace Zalando.Postgres.Sdk.Resources.Configuration;

/// <summary>Load balancers and DNS names, with defaults filled in.</summary>
public sealed record LoadBalancerSettings
{
    /// <summary>Value of <c>{hostedzone}</c> in the DNS templates.</summary>
    /// <value><c>db.example.com</c>.</value>
    public required string DbHostedZone { get; init; }

    /// <summary>Type LoadBalancer for the master Service unless the manifest decides.</summary>
    /// <value><c>false</c>; in a ConfigMap <c>true</c>.</value>
    public required bool EnableMasterLoadBalancer { get; init; }

    /// <summary>Same for the master pooler Service.</summary>
    /// <value><c>false</c>.</value>
    public required bool EnableMasterPoolerLoadBalancer { get; init; }

    /// <summary>Same for the replica Service.</summary>
    /// <value><c>false</c>.</value>
    public required bool EnableReplicaLoadBalancer { get; init; }

    /// <summary>Same for the replica pooler Service.</summary>
    /// <value><c>false</c>.</value>
    public required bool EnableReplicaPoolerLoadBalancer { get; init; }

    /// <summary>Type NodePort for the master Service unless the manifest decides; NodePort wins over LoadBalancer.</summary>
    /// <value><c>false</c>.</value>
    public required bool EnableMasterNodePort { get; init; }

    /// <summary>Same for the master pooler Service.</summary>
    /// <value><c>false</c>.</value>
    public required bool EnableMasterPoolerNodePort { get; init; }

    /// <summary>Same for the replica Service.</summary>
    /// <value><c>false</c>.</value>
    public required bool EnableReplicaNodePort { get; init; }

    /// <summary>Same for the replica pooler Service.</summary>
    /// <value><c>false</c>.</value>
    public required bool EnableReplicaPoolerNodePort { get; init; }

    /// <summary>Annotations of master, replica and pooler Services; manifest annotations win per key.</summary>
    /// <value>None.</value>
    public required IReadOnlyDictionary<string, string> CustomServiceAnnotations { get; init; }

    /// <summary>External DNS name of the master (and master pooler) load balancer.</summary>
    /// <value><c>{cluster}.{namespace}.{hostedzone}</c>; none when the group is absent.</value>
    public required string MasterDnsNameFormat { get; init; }

    /// <summary>Second DNS name added when the cluster name starts with the team id.</summary>
    /// <value><c>{cluster}.{team}.{hostedzone}</c>; none when the group is absent.</value>
    public required string MasterLegacyDnsNameFormat { get; init; }

    /// <summary>External DNS name of the replica (and replica pooler) load balancer.</summary>
    /// <value><c>{cluster}-repl.{namespace}.{hostedzone}</c>; none when the group is absent.</value>
    public required string ReplicaDnsNameFormat { get; init; }

    /// <summary>Second DNS name for the replica load balancer.</summary>
    /// <value><c>{cluster}-repl.{team}.{hostedzone}</c>; none when the group is absent.</value>
    public required string ReplicaLegacyDnsNameFormat { get; init; }

    /// <summary>externalTrafficPolicy of LoadBalancer and NodePort Services.</summary>
    /// <value><c>Cluster</c>.</value>
    public required string ExternalTrafficPolicy { get; init; }

    internal static LoadBalancerSettings Read(LoadBalancerParameters? parameters, SettingsReader reader)
    {
        reader = reader.Group(parameters is not null);
        return new()
        {
            DbHostedZone = reader.Text("db_hosted_zone", parameters?.DbHostedZone),
            EnableMasterLoadBalancer = reader.Flag("enable_master_load_balancer", parameters?.EnableMasterLoadBalancer),
            EnableMasterPoolerLoadBalancer = reader.Flag("enable_master_pooler_load_balancer", parameters?.EnableMasterPoolerLoadBalancer),
            EnableReplicaLoadBalancer = reader.Flag("enable_replica_load_balancer", parameters?.EnableReplicaLoadBalancer),
            EnableReplicaPoolerLoadBalancer = reader.Flag("enable_replica_pooler_load_balancer", parameters?.EnableReplicaPoolerLoadBalancer),
            EnableMasterNodePort = reader.Flag("enable_master_node_port", parameters?.EnableMasterNodePort),
            EnableMasterPoolerNodePort = reader.Flag("enable_master_pooler_node_port", parameters?.EnableMasterPoolerNodePort),
            EnableReplicaNodePort = reader.Flag("enable_replica_node_port", parameters?.EnableReplicaNodePort),
            EnableReplicaPoolerNodePort = reader.Flag("enable_replica_pooler_node_port", parameters?.EnableReplicaPoolerNodePort),
            CustomServiceAnnotations = reader.Map("custom_service_annotations", parameters?.CustomServiceAnnotations),
            MasterDnsNameFormat = reader.Text("master_dns_name_format", parameters?.MasterDnsNameFormat),
            MasterLegacyDnsNameFormat = reader.Text("master_legacy_dns_name_format", parameters?.MasterLegacyDnsNameFormat),
            ReplicaDnsNameFormat = reader.Text("replica_dns_name_format", parameters?.ReplicaDnsNameFormat),
            ReplicaLegacyDnsNameFormat = reader.Text("replica_legacy_dns_name_format", parameters?.ReplicaLegacyDnsNameFormat),
            ExternalTrafficPolicy = reader.Text("external_traffic_policy", parameters?.ExternalTrafficPolicy),
        };
    }
}
