using Zalando.Postgres.Sdk.Planning.Clusters;
using Zalando.Postgres.Sdk.Planning.Services;

namespace Zalando.Postgres.Sdk.Planning.Pooler;

/// <summary>When a cluster has connection poolers, and what their objects are called.</summary>
internal static class PoolerNames
{
    public const string Application = "db-connection-pooler";
    public const string PoolerLabel = "connection-pooler";

    public static bool ForPrimary(ClusterContext context) =>
        context.Spec.EnableConnectionPooler ?? context.Spec.ConnectionPooler is not null;

    public static bool ForReplica(ClusterContext context) => context.Spec.EnableReplicaConnectionPooler == true;

    public static bool IsNeeded(ClusterContext context) => ForPrimary(context) || ForReplica(context);

    public static string Name(ClusterContext context, string role) => context.Name + (role == ClusterRoles.Primary ? "-pooler" : "-pooler-repl");

    public static string AuthenticationSecret(ClusterContext context, string role) => Name(context, role) + "-u";

    /// <summary>Name of the role that the pooler logs in with: that of the manifest unless it is reserved.</summary>
    public static string User(ClusterContext context) => Roles.PoolerNames.User(context.Spec, context.Settings, out _);

    public static SortedDictionary<string, string> BaseLabels(ClusterContext context, string role) =>
        ClusterContext.Merge(context.BaseLabels, [new("application", Application), new(PoolerLabel, Name(context, role))]);

    public static SortedDictionary<string, string> FullLabels(ClusterContext context, string role) => ClusterContext.Merge(
        context.FullLabels, [new("application", Application), new(PoolerLabel, Name(context, role)), new(context.Settings.Kubernetes.PodRoleLabel, role)]);
}
