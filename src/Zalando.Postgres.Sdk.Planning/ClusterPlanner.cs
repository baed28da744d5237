using Zalando.Postgres.Sdk.Planning.Clusters;
using Zalando.Postgres.Sdk.Planning.Deletion;
using Zalando.Postgres.Sdk.Planning.Secrets;
using Zalando.Postgres.Sdk.Planning.Volumes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Planning;

/// <summary>Turns a manifest, a configuration and what exists into a <see cref="Plan"/>.</summary>
/// <remarks>A pure function: it does no I/O, reads no clock and throws for no manifest, however wrong; what cannot be followed is a <see cref="Finding"/>.</remarks>
public static class ClusterPlanner
{
    /// <summary>Plans one pass of a cluster.</summary>
    /// <param name="input">What is known.</param>
    public static Plan Plan(PlanningInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var context = new ClusterContext(input);
        return input.Manifest.Metadata.DeletionTimestamp is not null ? DeletionPlanner.Plan(context) : ConvergencePlanner.Plan(context);
    }

    /// <summary>Plans the end of a cluster whose manifest was deleted without a finalizer.</summary>
    /// <param name="input">What is known, with the last manifest.</param>
    public static Plan PlanDeletion(PlanningInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return DeletionPlanner.Plan(new ClusterContext(input));
    }

    /// <summary>The volumes of a cluster that a storage provider may have to change; planning wants to find what it says of them in <see cref="ObservedCluster.Volumes"/>.</summary>
    /// <param name="input">What is known, with the claims and PersistentVolumes among the objects.</param>
    public static IReadOnlyList<ClusterVolume> Volumes(PlanningInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return VolumePlanner.List(new ClusterContext(input));
    }

    /// <summary>The objects that manifest and configuration refer to, see <see cref="ReferencedObjects"/>, and the Secrets of roles in other namespaces; planning wants to
    /// find them in <see cref="ObservedCluster.Objects"/> when they exist.</summary>
    /// <param name="input">Manifest and configuration.</param>
    public static IReadOnlyList<ObjectKey> References(PlanningInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var context = new ClusterContext(input);
        return
        [
            .. ReferencedObjects.OfCluster(input.Manifest, context.Settings, input.OperatorNamespace).Select(static r => ObjectKey.Of(r.Kind, r.Namespace, r.Name))
                .Concat(SecretRoles.Of(context).Where(r => r.SecretNamespace != context.Namespace).Select(static r => ObjectKey.Of(KubernetesKinds.Secret, r.SecretNamespace!, r.SecretName!))).Distinct(),
        ];
    }
}
