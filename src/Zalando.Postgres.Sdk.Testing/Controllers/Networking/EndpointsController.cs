using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Testing.Controllers.Networking;

/// <summary>The addresses of the pods that a service selects. Services without a selector are the business of somebody else (Patroni).</summary>
internal sealed class EndpointsController(ControllerContext context) : Controller(context)
{
    private const string ManagedBy = "endpoints.kubernetes.io/managed-by";
    private readonly TriggerTimes _triggers = new();

    public override string Name => "endpoints";

    public override void Observe(ApiChange change, Action<ObjectKey> enqueue)
    {
        ServicePods.EnqueueServicesOf(change, State, enqueue);
        if (change.Kind.Kind == "Endpoints" && change.Type == "DELETED") enqueue(ObjectKey.Of(change.Object));
    }

    public override TimeSpan? Reconcile(ObjectKey key)
    {
        var stored = State.Get(KubernetesKinds.Endpoints, key);
        if (State.Get(KubernetesKinds.Service, key) is not { } service)
        {
            _triggers.Forget(key);
            // Also those that were made by hand: endpoints live and die with the service of their name. Only a service that was there counts.
            if (stored is not null && _seen.Remove(key)) Api.Delete(KubernetesKinds.Endpoints, key.Namespace, key.Name);
            return null;
        }

        _seen.Add(key);
        if (service.FindMap("spec", "selector") is not { Count: > 0 } || service.FindText("spec", "type") == "ExternalName") return null;
        var pods = ServicePods.Of(service, State);
        var trigger = _triggers.Next(service, pods);
        var subsets = Subsets(service, pods);
        var labels = service.LabelsOf()?.Copy() ?? [];
        labels[ManagedBy] = "endpoint-controller";
        if (ServicePods.IsHeadless(service)) labels[ServicePods.HeadlessLabel] = "";
        var desired = stored?.Copy() ?? new JsonObject
        {
            ["apiVersion"] = "v1", ["kind"] = "Endpoints", ["metadata"] = new JsonObject { ["name"] = key.Name, ["namespace"] = key.Namespace },
        };
        var metadata = desired.Make("metadata");
        if (stored is not null && Same(stored["subsets"] as JsonArray, subsets) && JsonNode.DeepEquals(stored.Find("metadata", "labels"), labels)) return null;
        metadata["labels"] = labels;
        if (trigger is { } time)
        {
            metadata.Make("annotations")[TriggerTimes.Annotation] = time.Stamp();
        }
        else if (metadata["annotations"] is JsonObject annotations)
        {
            annotations.Remove(TriggerTimes.Annotation);
            if (annotations.Count == 0) metadata.Remove("annotations");
        }

        desired.Remove("subsets");
        if (subsets.Count > 0) desired["subsets"] = subsets;
        if (stored is null) Api.Create(KubernetesKinds.Endpoints, desired);
        else Api.Update(KubernetesKinds.Endpoints, desired);
        return null;
    }

    private readonly HashSet<ObjectKey> _seen = [];

    private static bool Same(JsonArray? stored, JsonArray desired) => JsonNode.DeepEquals(stored ?? [], desired);

    private static JsonArray Subsets(JsonObject service, IReadOnlyList<JsonObject> pods)
    {
        var ports = service.FindObjects("spec", "ports").ToArray();
        var notReadyToo = service.FindFlag("spec", "publishNotReadyAddresses");
        // Addresses with the same set of ports stand together.
        var groups = new SortedDictionary<string, (JsonArray Ports, SortedDictionary<string, JsonObject> Ready, SortedDictionary<string, JsonObject> NotReady)>(StringComparer.Ordinal);
        foreach (var pod in pods)
        {
            if (!ServicePods.TakesPart(pod) || (pod.IsTerminating() && !notReadyToo)) continue;
            var podPorts = new JsonArray();
            foreach (var port in ports)
            {
                if (ServicePods.TargetPort(port, pod) is not { } number) continue;
                var entry = new JsonObject();
                if (port.FindText("name") is { Length: > 0 } name) entry["name"] = name;
                entry.SetNumber("port", number);
                entry["protocol"] = port.FindText("protocol") ?? "TCP";
                if (port.FindText("appProtocol") is { } application) entry["appProtocol"] = application;
                podPorts.Add((JsonNode)entry);
            }

            if (podPorts.Count == 0 && ports.Length > 0) continue;
            var ip = pod.FindText("status", "podIP")!;
            var address = new JsonObject { ["ip"] = ip };
            if (ServicePods.HostName(pod, service) is { } host) address["hostname"] = host;
            if (pod.FindText("spec", "nodeName") is { Length: > 0 } node) address["nodeName"] = node;
            address["targetRef"] = ServicePods.Reference(pod);
            var key = podPorts.ToJsonString();
            if (!groups.TryGetValue(key, out var group)) groups[key] = group = (podPorts, new(StringComparer.Ordinal), new(StringComparer.Ordinal));
            var ready = notReadyToo || Workloads.PodState.IsReady(pod);
            (ready ? group.Ready : group.NotReady)[ip + "/" + pod.UidOf()] = address;
        }

        var subsets = new JsonArray();
        foreach (var (group, ready, notReady) in groups.Values)
        {
            var subset = new JsonObject();
            if (ready.Count > 0) subset["addresses"] = new JsonArray(ready.Values.ToArray<JsonNode?>());
            if (notReady.Count > 0) subset["notReadyAddresses"] = new JsonArray(notReady.Values.ToArray<JsonNode?>());
            if (group.Count > 0) subset["ports"] = group;
            subsets.Add((JsonNode)subset);
        }

        return subsets;
    }
}
