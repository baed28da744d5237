using Zalando.Postgres.Sdk.Planning.Clusters;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Planning.Services;

/// <summary>Endpoints of the primary where Patroni keeps its state in endpoints or etcd: Patroni fills in the address.</summary>
internal static class EndpointsBuilder
{
    public static bool IsNeeded(ClusterContext context) => !context.PatroniUsesConfigMaps;

    public static Endpoints Primary(ClusterContext context) => new()
    {
        Metadata = context.Meta(context.Name, context.FullRoleLabels(ClusterRoles.Primary), context.InheritedAnnotations),
    };
}
