using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Testing.Controllers.Networking;

/// <summary>Slices for endpoints that somebody else keeps: those of services without a selector.</summary>
internal sealed class EndpointSliceMirroringController(ControllerContext context) : Controller(context)
{
    private const string Manager = "endpointslicemirroring-controller.k8s.io";
    private const string LeaderAnnotation = "control-plane.alpha.kubernetes.io/leader";

    public override string Name => "endpointslicemirroring";

    public override void Observe(ApiChange change, Action<ObjectKey> enqueue)
    {
        if (change.Kind.Kind is "Service" or "Endpoints") enqueue(ObjectKey.Of(change.Object));
        else if (change.Kind.Kind == "EndpointSlice" && change.Object.FindText("metadata", "labels", EndpointSlices.ServiceLabel) is { } service
            && change.Object.FindText("metadata", "labels", EndpointSlices.ManagerLabel) == Manager)
            enqueue(new(change.Object.NamespaceOf(), service));
    }

    public override TimeSpan? Reconcile(ObjectKey key)
    {
        var existing = EndpointSlices.Existing(State, key, Manager);
        var service = State.Get(KubernetesKinds.Service, key);
        var endpoints = State.Get(KubernetesKinds.Endpoints, key);
        if (service is null || endpoints is null || service.FindMap("spec", "selector") is { Count: > 0 } || Skips(endpoints))
        {
            foreach (var slice in existing) Api.Delete(KubernetesKinds.EndpointSlice, key.Namespace, slice.NameOf());
            return null;
        }

        var labels = endpoints.LabelsOf()?.Copy() ?? [];
        labels[EndpointSlices.ManagerLabel] = Manager;
        labels[EndpointSlices.ServiceLabel] = key.Name;
        var annotations = endpoints.FindMap("metadata", "annotations");
        EndpointSlices.Apply(Api, existing, Slices(endpoints), endpoints, KubernetesKinds.Endpoints, labels, _ =>
        {
            var copy = annotations?.Copy();
            copy?.Remove(TriggerTimes.Annotation);
            copy?.Remove("kubectl.kubernetes.io/last-applied-configuration");
            return copy;
        });
        return null;
    }

    private static bool Skips(JsonObject endpoints) =>
        endpoints.FindText("metadata", "labels", "endpoints.kubernetes.io/managed-by") == "endpoint-controller"
        || endpoints.FindText("metadata", "labels", "endpointslice.kubernetes.io/skip-mirror") == "true"
        || endpoints.Find("metadata", "annotations", LeaderAnnotation) is not null;

    private static IReadOnlyList<EndpointSlices.Desired> Slices(JsonObject endpoints)
    {
        var result = new List<EndpointSlices.Desired>();
        foreach (var subset in endpoints.FindObjects("subsets"))
        {
            var ports = new JsonArray();
            foreach (var port in subset.FindObjects("ports"))
            {
                var entry = new JsonObject { ["name"] = port.FindText("name") ?? "", ["protocol"] = port.FindText("protocol") ?? "TCP" };
                if (port.Find("port") is { } number) entry["port"] = number.DeepClone();
                if (port.FindText("appProtocol") is { } application) entry["appProtocol"] = application;
                ports.Add((JsonNode)entry);
            }

            foreach (var type in (string[])["IPv4", "IPv6"])
            {
                var slice = new JsonArray();
                foreach (var (list, ready) in ((string, bool)[])[("addresses", true), ("notReadyAddresses", false)])
                {
                    foreach (var address in subset.FindObjects(list))
                    {
                        var ip = address.FindText("ip") ?? "";
                        if (ip.Contains(':', StringComparison.Ordinal) != (type == "IPv6")) continue;
                        var endpoint = new JsonObject { ["addresses"] = new JsonArray((JsonNode)ip), ["conditions"] = new JsonObject { ["ready"] = ready } };
                        if (address.FindText("hostname") is { Length: > 0 } host) endpoint["hostname"] = host;
                        if (address["targetRef"] is { } target) endpoint["targetRef"] = target.DeepClone();
                        if (address.FindText("nodeName") is { } node) endpoint["nodeName"] = node;
                        slice.Add((JsonNode)endpoint);
                    }
                }

                if (slice.Count > 0) result.Add(new(slice, (JsonArray)ports.DeepClone(), type));
            }
        }

        return result;
    }
}
