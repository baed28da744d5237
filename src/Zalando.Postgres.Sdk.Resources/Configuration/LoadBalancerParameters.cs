using System.Text.Json;
using System.Text.Json.Serialization;

namespace Zalando.Postgres.Sdk.Resources.Configuration;

/// <summary>Load balancers and DNS names, as written; null means not written.</summary>
public sealed record LoadBalancerParameters
{
    /// <summary>Value of <c>{hostedzone}</c> in the DNS templates.</summary>
    /// <value><c>db.example.com</c>.</value>
    [JsonPropertyName("db_hosted_zone")]
    public string? DbHostedZone { get; init; }

    /// <summary>Type LoadBalancer for the master Service unless the manifest decides.</summary>
    /// <value><c>false</c>; in a ConfigMap <c>true</c>.</value>
    [JsonPropertyName("enable_master_load_balancer")]
    public bool? EnableMasterLoadBalancer { get; init; }

    /// <summary>Same for the master pooler Service.</summary>
    /// <value><c>false</c>.</value>
    [JsonPropertyName("enable_master_pooler_load_balancer")]
    public bool? EnableMasterPoolerLoadBalancer { get; init; }

    /// <summary>Same for the replica Service.</summary>
    /// <value><c>false</c>.</value>
    [JsonPropertyName("enable_replica_load_balancer")]
    public bool? EnableReplicaLoadBalancer { get; init; }

    /// <summary>Same for the replica pooler Service.</summary>
    /// <value><c>false</c>.</value>
    [JsonPropertyName("enable_replica_pooler_load_balancer")]
    public bool? EnableReplicaPoolerLoadBalancer { get; init; }

    /// <summary>Type NodePort for the master Service unless the manifest decides; NodePort wins over LoadBalancer.</summary>
    /// <value><c>false</c>.</value>
    [JsonPropertyName("enable_master_node_port")]
    public bool? EnableMasterNodePort { get; init; }

    /// <summary>Same for the master pooler Service.</summary>
    /// <value><c>false</c>.</value>
    [JsonPropertyName("enable_master_pooler_node_port")]
    public bool? EnableMasterPoolerNodePort { get; init; }

    /// <summary>Same for the replica Service.</summary>
    /// <value><c>false</c>.</value>
    [JsonPropertyName("enable_replica_node_port")]
    public bool? EnableReplicaNodePort { get; init; }

    /// <summary>Same for the replica pooler Service.</summary>
    /// <value><c>false</c>.</value>
    [JsonPropertyName("enable_replica_pooler_node_port")]
    public bool? EnableReplicaPoolerNodePort { get; init; }

    /// <summary>Annotations of master, replica and pooler Services; manifest annotations win per key.</summary>
    /// <value>None.</value>
    [JsonPropertyName("custom_service_annotations")]
    public IReadOnlyDictionary<string, string>? CustomServiceAnnotations { get; init; }

    /// <summary>External DNS name of the master (and master pooler) load balancer.</summary>
    /// <value><c>{cluster}.{namespace}.{hostedzone}</c>; none when the group is absent.</value>
    [JsonPropertyName("master_dns_name_format")]
    public string? MasterDnsNameFormat { get; init; }

    /// <summary>Second DNS name added when the cluster name starts with the team id.</summary>
    /// <value><c>{cluster}.{team}.{hostedzone}</c>; none when the group is absent.</value>
    [JsonPropertyName("master_legacy_dns_name_format")]
    public string? MasterLegacyDnsNameFormat { get; init; }

    /// <summary>External DNS name of the replica (and replica pooler) load balancer.</summary>
    /// <value><c>{cluster}-repl.{namespace}.{hostedzone}</c>; none when the group is absent.</value>
    [JsonPropertyName("replica_dns_name_format")]
    public string? ReplicaDnsNameFormat { get; init; }

    /// <summary>Second DNS name for the replica load balancer.</summary>
    /// <value><c>{cluster}-repl.{team}.{hostedzone}</c>; none when the group is absent.</value>
    [JsonPropertyName("replica_legacy_dns_name_format")]
    public string? ReplicaLegacyDnsNameFormat { get; init; }

    /// <summary>externalTrafficPolicy of LoadBalancer and NodePort Services.</summary>
    /// <value><c>Cluster</c>.</value>
    [JsonPropertyName("external_traffic_policy")]
    public string? ExternalTrafficPolicy { get; init; }

    /// <summary>Fields that this version of the type does not know; kept as they came.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? UnknownFields { get; set; }
}
