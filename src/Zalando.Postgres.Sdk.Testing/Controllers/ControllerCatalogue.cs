using Zalando.Postgres.Sdk.Testing.Controllers.Collection;
using Zalando.Postgres.Sdk.Testing.Controllers.Networking;
using Zalando.Postgres.Sdk.Testing.Controllers.Storage;
using Zalando.Postgres.Sdk.Testing.Controllers.Workloads;

namespace Zalando.Postgres.Sdk.Testing.Controllers;

/// <summary>All controllers by name, in the order in which they look at a change.</summary>
internal static class ControllerCatalogue
{
    private static readonly (string Name, string[] Aliases, Func<ControllerContext, Controller> Create)[] All =
    [
        ("garbage-collector", ["garbagecollector"], static c => new GarbageCollectorController(c)),
        ("statefulset", ["statefulset-controller"], static c => new StatefulSetController(c)),
        ("persistentvolume-binder", ["persistentvolume-binder-controller"], static c => new VolumeBinderController(c)),
        ("persistentvolumeclaim-protection", ["pvc-protection", "persistentvolumeclaim-protection-controller"], static c => new ClaimProtectionController(c)),
        ("persistentvolume-protection", ["pv-protection", "persistentvolume-protection-controller"], static c => new VolumeProtectionController(c)),
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

    private static bool Is((string Name, string[] Aliases, Func<ControllerContext, Controller> Create) controller, string name) =>
        controller.Name == name || controller.Aliases.Contains(name);
}
