using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Testing.Controllers.Workloads;

namespace Zalando.Postgres.Sdk.Testing.Controllers.Networking;

/// <summary>What endpoints and slices have in common: the pods of a service, its ports, who is to look again.</summary>
internal static class ServicePods
{
    public const string HeadlessLabel = "service.kubernetes.io/headless";

    public static void EnqueueServicesOf(ApiChange change, ObservedState state, Action<ObjectKey> enqueue)
    {
        switch (change.Kind.Kind)
        {
            case "Service":
                enqueue(ObjectKey.Of(change.Object));
                break;
            case "Pod":
                foreach (var service in state.List(KubernetesKinds.Service, change.Object.NamespaceOf()))
                {
                    if (service.FindMap("spec", "selector") is not { Count: > 0 } selector) continue;
                    if (LabelMatch.MatchesMap(selector, change.Object.LabelsOf()) || change.Previous is { } old && LabelMatch.MatchesMap(selector, old.LabelsOf()))
                        enqueue(ObjectKey.Of(service));
                }

                break;
        }
    }

    public static JsonObject[] Of(JsonObject service, ObservedState state)
    {
        var selector = service.FindMap("spec", "selector")!;
        return state.List(KubernetesKinds.Pod, service.NamespaceOf()).Where(p => LabelMatch.MatchesMap(selector, p.LabelsOf())).ToArray();
    }

    /// <summary>Pods that take no part: finished ones, and those without an address.</summary>
    public static bool TakesPart(JsonObject pod) => !PodState.IsFinished(pod) && pod.FindText("status", "podIP") is { Length: > 0 };

    public static bool IsHeadless(JsonObject service) => service.FindText("spec", "clusterIP") == "None";

    /// <summary>The port number of a pod for a port of the service; null when a name is not found.</summary>
    public static int? TargetPort(JsonObject port, JsonObject pod)
    {
        if (port.FindNumber("targetPort") is { } number) return number == 0 ? port.FindNumber("port") : number;
        if (port.FindText("targetPort") is not { Length: > 0 } name) return port.FindNumber("port");
        var protocol = port.FindText("protocol") ?? "TCP";
        foreach (var list in (string[])["containers", "initContainers"])
        {
            foreach (var container in pod.FindObjects("spec", list))
                foreach (var candidate in container.FindObjects("ports"))
                    if (candidate.FindText("name") == name && (candidate.FindText("protocol") ?? "TCP") == protocol) return candidate.FindNumber("containerPort");
        }

        return null;
    }

    /// <summary>The name of the pod in DNS: only pods with a subdomain named as the service have one.</summary>
    public static string? HostName(JsonObject pod, JsonObject service) =>
        pod.FindText("spec", "hostname") is { Length: > 0 } host && pod.FindText("spec", "subdomain") == service.NameOf() ? host : null;

    public static JsonObject Reference(JsonObject pod) => new()
    {
        ["kind"] = "Pod", ["namespace"] = pod.NamespaceOf(), ["name"] = pod.NameOf(), ["uid"] = pod.UidOf(),
    };
}
