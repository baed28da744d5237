using Zalando.Postgres.Sdk.Planning.Access;
using Zalando.Postgres.Sdk.Planning.Backups;
using Zalando.Postgres.Sdk.Planning.DisruptionBudgets;
using Zalando.Postgres.Sdk.Planning.Pooler;
using Zalando.Postgres.Sdk.Planning.Roles;
using Zalando.Postgres.Sdk.Planning.Secrets;
using Zalando.Postgres.Sdk.Planning.Services;
using Zalando.Postgres.Sdk.Planning.StatefulSets;
using Zalando.Postgres.Sdk.Planning.Streams;
using Zalando.Postgres.Sdk.Planning.Upgrade;

namespace Zalando.Postgres.Sdk.Planning.Clusters;

/// <summary>Everything a cluster should have.</summary>
internal static class DesiredCluster
{
    /// <summary>Builds the objects, and lets the host's filters change them.</summary>
    public static IReadOnlyList<DesiredObject> Build(ClusterContext context)
    {
        var objects = BuildAll(context);
        return context.Input.Filters.Count == 0 ? objects : [.. objects.Select(d => context.Input.Filters.Aggregate(d, (item, filter) => filter(item)))];
    }

    private static List<DesiredObject> BuildAll(ClusterContext context)
    {
        Admission.Check(context);
        var users = SecretRoles.Of(context);
        var version = PostgresVersion.ForPods(context);
        var objects = new List<DesiredObject> { PodAccessBuilder.Account(context), PodAccessBuilder.Binding(context) };
        if (EndpointsBuilder.IsNeeded(context))
            objects.Add(DesiredObject.Of(EndpointsBuilder.Primary(context), ChangeStage.Services, "Patroni writes the address of the primary into them"));
        objects.Add(DesiredObject.Of(ServiceBuilder.Primary(context), ChangeStage.Services, "clients reach the primary through it"));
        objects.Add(DesiredObject.Of(ServiceBuilder.Replica(context), ChangeStage.Services, "clients reach the replicas through it"));
        foreach (var user in users) objects.Add(DesiredObject.Of(SecretBuilder.Build(context, user), ChangeStage.Secrets, Purpose(user), RequestedBy(user)));
        objects.Add(DesiredObject.Of(DisruptionBudgetBuilder.Primary(context), ChangeStage.DisruptionBudgets, "a drained node must not take the primary away"));
        objects.Add(DesiredObject.Of(DisruptionBudgetBuilder.CriticalOperation(context), ChangeStage.DisruptionBudgets, "pods in a critical operation must not be evicted"));
        objects.Add(StatefulSetBuilder.Desired(context, version));
        AddPooler(objects, context, users);
        if (context.Spec.EnableLogicalBackup == true)
            objects.Add(DesiredObject.Of(LogicalBackupBuilder.Build(context), ChangeStage.Backups, "enableLogicalBackup is on", Requester.Manifest));
        foreach (var stream in EventStreamBuilder.Build(context))
            objects.Add(DesiredObject.Of(stream, ChangeStage.Streams, $"the application {stream.Spec.ApplicationId} reads streams of the cluster", Requester.Manifest));
        return objects;
    }

    private static void AddPooler(List<DesiredObject> objects, ClusterContext context, IReadOnlyList<DesiredRole> users)
    {
        if (!Pooler.PoolerNames.IsNeeded(context)) return;
        var infrastructure = users.Where(u => u.Origin == RoleOrigin.Infrastructure).ToArray();
        var names = infrastructure.Select(u => u.Name).ToArray();
        // Its Secret has the name of another one's, which has been said.
        if (users.FirstOrDefault(u => u.Origin == RoleOrigin.Pooler) is not { } own) return;
        var entries = infrastructure.Prepend(own).Select(u => (SecretBuilder.UserName(context, u), SecretBuilder.Password(context, u))).ToList();
        entries.AddRange(PoolerFiles.Listed(context, users).Where(u => entries.TrueForAll(e => e.Item1 != u.Name)).Select(u => (u.Name, SecretBuilder.Password(context, u))));
        foreach (var role in new[] { ClusterRoles.Primary, ClusterRoles.Replica })
        {
            if (role == ClusterRoles.Primary ? !Pooler.PoolerNames.ForPrimary(context) : !Pooler.PoolerNames.ForReplica(context)) continue;
            var of = role == ClusterRoles.Primary ? "the primary" : "the replicas";
            objects.Add(DesiredObject.Of(PoolerBuilder.AuthenticationSecret(context, role, entries), ChangeStage.Pooler, $"the pooler of {of} checks users with it", Requester.Manifest));
            objects.Add(DesiredObject.Of(PoolerBuilder.Deployment(context, role, names), ChangeStage.Pooler, $"the manifest asks for a connection pooler of {of}", Requester.Manifest));
            objects.Add(DesiredObject.Of(PoolerBuilder.Service(context, role), ChangeStage.Pooler, $"clients reach the pooler of {of} through it", Requester.Manifest));
        }
    }

    private static string Purpose(DesiredRole user) => user.Origin switch
    {
        RoleOrigin.Manifest => $"the manifest has a user {user.Name}",
        RoleOrigin.Infrastructure => $"{user.Name} is an infrastructure role",
        RoleOrigin.PreparedDatabase => $"{user.Name} is a user of a prepared database",
        RoleOrigin.Pooler => "the connection pooler logs in with it",
        RoleOrigin.Stream => "event streams are read with it",
        _ => $"PostgreSQL is run with the role {user.Name}",
    };

    private static Requester RequestedBy(DesiredRole user) => user.Origin switch
    {
        RoleOrigin.System => Requester.Operator,
        RoleOrigin.Infrastructure => Requester.OperatorConfiguration,
        _ => Requester.Manifest,
    };
}
