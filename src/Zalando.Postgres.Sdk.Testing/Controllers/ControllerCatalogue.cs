using Zalando.Postgres.Sdk.Testing.Controllers.Collection;
using Zalando.Postgres.Sdk.Testing.Controllers.Jobs;
using Zalando.Postgres.Sdk.Testing.Controllers.Namespaces;
using Zalando.Postgres.Sdk.Testing.Controllers.Networking;
using Zalando.Postgres.Sdk.Testing.Controllers.Nodes;
using Zalando.Postgres.Sdk.Testing.Controllers.Policy;
using Zalando.Postgres.Sdk.Testing.Controllers.Storage;
using Zalando.Postgres.Sdk.Testing.Controllers.Workloads;

namespace Zalando.Postgres.Sdk.Testing.Controllers;

/// <summary>All controllers by name, in the order in which they look at a change.</summary>
internal static class ControllerCatalogue
{
    private static readonly (string Name, string[] Aliases, Func<ControllerContext, Controller> Create)[] All =
    [
        ("garbage-collector", ["garbagecollector"], static c => new GarbageCollectorController(c)),
        ("namespace", ["namespace-controller"], static c => new NamespaceController(c)),
        ("serviceaccount", ["serviceaccount-controller"], static c => new ServiceAccountController(c)),
        ("root-ca-certificate-publisher", ["root-ca-cert-publisher", "root-ca-certificate-publisher-controller"], static c => new RootCertificatePublisher(c)),
        ("statefulset", ["statefulset-controller"], static c => new StatefulSetController(c)),
        ("deployment", ["deployment-controller"], static c => new DeploymentController(c)),
        ("replicaset", ["replicaset-controller"], static c => new ReplicaSetController(c)),
        ("job", ["job-controller"], static c => new JobController(c)),
        ("cronjob", ["cronjob-controller"], static c => new CronJobController(c)),
        ("ttl-after-finished", ["ttl-after-finished-controller"], static c => new FinishedJobController(c)),
        ("disruption", ["disruption-controller"], static c => new DisruptionController(c)),
        ("clusterrole-aggregation", ["clusterrole-aggregation-controller"], static c => new ClusterRoleAggregationController(c)),
        ("persistentvolume-binder", ["persistentvolume-binder-controller"], static c => new VolumeBinderController(c)),
        ("persistentvolumeclaim-protection", ["pvc-protection", "persistentvolumeclaim-protection-controller"], static c => new ClaimProtectionController(c)),
        ("persistentvolume-protection", ["pv-protection", "persistentvolume-protection-controller"], static c => new VolumeProtectionController(c)),
        ("taint-eviction", ["taint-eviction-controller"], static c => new TaintEvictionController(c)),
        ("endpoints", ["endpoint", "endpoints-controller"], static c => new EndpointsController(c)),
        ("endpointslice", ["endpointslice-controller"], static c => new EndpointSliceController(c)),
        ("endpointslicemirroring", ["endpointslice-mirroring-controller"], static c => new EndpointSliceMirroringController(c)),
    ];

    public static IReadOnlyList<string> DefaultNames { get; } = All.Select(static c => c.Name).ToArray();

    public static IReadOnlyList<Controller> Create(ControllerContext context)
    {
        var wanted = context.Options.Controllers ?? DefaultNames;
        foreach (var name in wanted)
            if (!All.Any(c => Is(c, name)))
                throw new ArgumentException($"There is no controller \"{name}\". Known: {string.Join(", ", DefaultNames)}.", nameof(context));
        var result = All.Where(c => wanted.Any(name => Is(c, name))).Select(c => c.Create(context)).ToList();
        if (context.Options.SimulatedNode is { } node) result.Add(new SimulatedNodeController(context, node));
        return result;
    }

    public static bool IsKnown(string name) => All.Any(c => Is(c, name));

    private static bool Is((string Name, string[] Aliases, Func<ControllerContext, Controller> Create) controller, string name) =>
        controller.Name == name || controller.Aliases.Contains(name);
}
