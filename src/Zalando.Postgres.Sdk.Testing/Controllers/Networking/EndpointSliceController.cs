using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Testing.Controllers.Workloads;

namespace Zalando.Postgres.Sdk.Testing.Controllers.Networking;

/// <summary>The endpoint slices of services with a selector.</summary>
internal sealed class EndpointSliceController(ControllerContext context) : Controller(context)
{
    private const string Manager = "endpointslice-controller.k8s.io";
    private readonly TriggerTimes _triggers = new();

    public override string Name => "endpointslice";

    public override void Observe(ApiChange change, Action<ObjectKey> enqueue)
    {
        ServicePods.EnqueueServicesOf(change, State, enqueue);
        if (change.Kind.Kind == "EndpointSlice" && change.Object.FindText("metadata", "labels", EndpointSlices.ServiceLabel) is { } service
            && change.Object.FindText("metadata", "labels", EndpointSlices.ManagerLabel) == Manager)
            enqueue(new(change.Object.NamespaceOf(), service));
    }

    public override TimeSpan? Reconcile(ObjectKey key)
    {
        var existing = EndpointSlices.Existing(State, key, Manager);
        if (State.Get(KubernetesKinds.Service, key) is not { } service)
        {
            _triggers.Forget(key);
            foreach (var slice in existing) Api.Delete(KubernetesKinds.EndpointSlice, key.Namespace, slice.NameOf());
            return null;
        }

        if (service.FindMap("spec", "selector") is not { Count: > 0 } || service.FindText("spec", "type") == "ExternalName" || service.IsTerminating()) return null;
        var pods = ServicePods.Of(service, State);
        var trigger = _triggers.Next(service, pods);
        var labels = service.LabelsOf()?.Copy() ?? [];
        labels[EndpointSlices.ManagerLabel] = Manager;
        labels[EndpointSlices.ServiceLabel] = key.Name;
        if (ServicePods.IsHeadless(service)) labels[ServicePods.HeadlessLabel] = "";
        EndpointSlices.Apply(Api, existing, Slices(service, pods), service, KubernetesKinds.Service, labels, _ =>
            trigger is { } time ? new JsonObject { [TriggerTimes.Annotation] = time.Stamp() } : null);
        return null;
    }

    private IReadOnlyList<EndpointSlices.Desired> Slices(JsonObject service, IReadOnlyList<JsonObject> pods)
    {
        var servicePorts = service.FindObjects("spec", "ports").ToArray();
        var notReadyToo = service.FindFlag("spec", "publishNotReadyAddresses");
        var groups = new SortedDictionary<string, EndpointSlices.Desired>(StringComparer.Ordinal);
        foreach (var pod in pods)
        {
            if (!ServicePods.TakesPart(pod)) continue;
            // Pods of a node that is not there are left out, as the real controller does.
            if (pod.FindText("spec", "nodeName") is not { Length: > 0 } node || State.Get(KubernetesKinds.Node, "", node) is null) continue;
            var ports = new JsonArray();
            foreach (var port in servicePorts)
            {
                if (ServicePods.TargetPort(port, pod) is not { } number) continue;
                var entry = new JsonObject { ["name"] = port.FindText("name") ?? "", ["protocol"] = port.FindText("protocol") ?? "TCP" };
                entry.SetNumber("port", number);
                if (port.FindText("appProtocol") is { } application) entry["appProtocol"] = application;
                ports.Add((JsonNode)entry);
            }

            var ready = PodState.IsReady(pod);
            var terminating = pod.IsTerminating();
            var endpoint = new JsonObject
            {
                ["addresses"] = new JsonArray((JsonNode)pod.FindText("status", "podIP")!),
                ["conditions"] = new JsonObject { ["ready"] = notReadyToo || (ready && !terminating), ["serving"] = ready, ["terminating"] = terminating },
            };
            if (ServicePods.HostName(pod, service) is { } host) endpoint["hostname"] = host;
            endpoint["targetRef"] = ServicePods.Reference(pod);
            endpoint["nodeName"] = node;
            var key = ports.ToJsonString();
            if (!groups.TryGetValue(key, out var slice)) groups[key] = slice = new([], ports);
            slice.Endpoints.Add((JsonNode)endpoint);
        }

        // A service always has a slice, if only an empty one.
        return groups.Count == 0 ? [new([], [])] : [.. groups.Values];
    }
}
