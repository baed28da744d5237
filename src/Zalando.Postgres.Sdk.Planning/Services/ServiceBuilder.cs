using Zalando.Postgres.Sdk.Planning.Clusters;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Planning.Services;

/// <summary>Services of primary, replicas and poolers.</summary>
internal static class ServiceBuilder
{
    public const int PostgresPort = 5432;

    public static Service Primary(ClusterContext context) => Build(
        context, context.Name, ClusterRoles.Primary, ServiceExposure.OfPrimary(context), DnsNames.OfPrimary(context), context.Spec.MasterServiceAnnotations,
        context.PatroniUsesConfigMaps ? context.BaseRoleLabels(ClusterRoles.Primary) : null);

    public static Service Replica(ClusterContext context) => Build(
        context, context.Name + "-repl", ClusterRoles.Replica, ServiceExposure.OfReplica(context), DnsNames.OfReplica(context), context.Spec.ReplicaServiceAnnotations,
        context.BaseRoleLabels(ClusterRoles.Replica));

    public static ServiceSpec Spec(ClusterContext context, ServiceExposure exposure, string portName, IReadOnlyDictionary<string, string>? selector) => new()
    {
        Ports = [new ServicePort { Name = portName, Port = PostgresPort, TargetPort = IntOrString.From(PostgresPort), NodePort = exposure.NodePort ? exposure.Port : null }],
        Selector = selector,
        Type = exposure.Type,
        LoadBalancerSourceRanges = exposure.Type != "LoadBalancer" ? null
            : context.Spec.AllowedSourceRanges is { Count: > 0 } ranges ? ranges : ["127.0.0.1/32"],
        ExternalTrafficPolicy = exposure.Type == "ClusterIP" ? null : context.Settings.LoadBalancer.ExternalTrafficPolicy,
    };

    public static SortedDictionary<string, string> Annotations(
        ClusterContext context, ServiceExposure exposure, string dnsName, IReadOnlyDictionary<string, string>? ofRole) => ClusterContext.Merge(
            context.Settings.LoadBalancer.CustomServiceAnnotations,
            context.Spec.ServiceAnnotations,
            ofRole,
            exposure.Type == "LoadBalancer" ? [new(DnsNames.Annotation, dnsName)] : null,
            context.InheritedAnnotations);

    private static Service Build(
        ClusterContext context, string name, string role, ServiceExposure exposure, string dnsName, IReadOnlyDictionary<string, string>? ofRole, IReadOnlyDictionary<string, string>? selector) => new()
        {
            Metadata = context.Meta(name, context.FullRoleLabels(role), Annotations(context, exposure, dnsName, ofRole)),
            Spec = Spec(context, exposure, "postgresql", selector),
        };
}
