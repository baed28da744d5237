using Zalando.Postgres.Sdk.Planning.Clusters;

namespace Zalando.Postgres.Sdk.Planning.Services;

/// <summary>How a service can be reached: manifest first, then configuration; a node port wins over a load balancer.</summary>
internal readonly record struct ServiceExposure(bool LoadBalancer, bool NodePort, int? Port)
{
    public string Type => NodePort ? "NodePort" : LoadBalancer ? "LoadBalancer" : "ClusterIP";

    public static ServiceExposure OfPrimary(ClusterContext context) => Of(
        context.Spec.EnableMasterLoadBalancer, context.Settings.LoadBalancer.EnableMasterLoadBalancer,
        context.Spec.EnableMasterNodePort, context.Settings.LoadBalancer.EnableMasterNodePort, context.Spec.MasterNodePort);

    public static ServiceExposure OfReplica(ClusterContext context) => Of(
        context.Spec.EnableReplicaLoadBalancer, context.Settings.LoadBalancer.EnableReplicaLoadBalancer,
        context.Spec.EnableReplicaNodePort, context.Settings.LoadBalancer.EnableReplicaNodePort, context.Spec.ReplicaNodePort);

    public static ServiceExposure OfPrimaryPooler(ClusterContext context) => Of(
        context.Spec.EnableMasterPoolerLoadBalancer, context.Settings.LoadBalancer.EnableMasterPoolerLoadBalancer,
        context.Spec.EnableMasterPoolerNodePort, context.Settings.LoadBalancer.EnableMasterPoolerNodePort, context.Spec.MasterPoolerNodePort);

    public static ServiceExposure OfReplicaPooler(ClusterContext context) => Of(
        context.Spec.EnableReplicaPoolerLoadBalancer, context.Settings.LoadBalancer.EnableReplicaPoolerLoadBalancer,
        context.Spec.EnableReplicaPoolerNodePort, context.Settings.LoadBalancer.EnableReplicaPoolerNodePort, context.Spec.ReplicaPoolerNodePort);

    private static ServiceExposure Of(bool? balancer, bool defaultBalancer, bool? nodePort, bool defaultNodePort, int? port) =>
        new(balancer ?? defaultBalancer, nodePort ?? defaultNodePort, nodePort is not null && port is > 0 ? port : null);
}
