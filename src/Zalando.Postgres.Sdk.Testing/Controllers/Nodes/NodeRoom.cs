using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Testing.Controllers.Nodes;

/// <summary>Whether a node has room for other amounts of cpu and memory that a running pod is to have.</summary>
internal static class NodeRoom
{
    /// <summary>How often a kubelet looks again whether it has room now.</summary>
    public static readonly TimeSpan RetryPeriod = TimeSpan.FromSeconds(30);

    private static readonly string[] Names = ["cpu", "memory"];

    /// <summary>Why the pod cannot have what it asks for; null when it can, or has it.</summary>
    public static ResizeRefusal? Refusal(JsonObject pod, ObservedState state)
    {
        if (!IsResized(pod)) return null;
        var nodeName = pod.FindText("spec", "nodeName") ?? "";
        var node = state.Get(KubernetesKinds.Node, "", nodeName);
        foreach (var name in Names)
        {
            if (!Quantity.TryParse(node.FindText("status", "allocatable", name), out var room)) continue;
            var wanted = Wanted(pod, name);
            if (wanted > room.MilliValue) return new(true, $"Node didn't have enough capacity: {name}, requested: {Shown(wanted, name)}, capacity: {Shown(room.MilliValue, name)}");
            var others = state.List(KubernetesKinds.Pod, null).Where(p => p.FindText("spec", "nodeName") == nodeName && p.UidOf() != pod.UidOf() && p.FindText("status", "phase") is not ("Succeeded" or "Failed"))
                .Sum(p => Wanted(p, name));
            if (wanted + others > room.MilliValue) return new(false, $"Node didn't have enough resource: {name}, requested: {Shown(wanted, name)}, used: {Shown(others, name)}, capacity: {Shown(room.MilliValue, name)}");
        }

        return null;
    }

    /// <summary>Whether one of the changed amounts takes a restart of the container.</summary>
    public static bool NeedsRestart(JsonObject container, JsonObject had, JsonObject has) => container.FindObjects("resizePolicy")
        .Any(p => p.FindText("restartPolicy") == "RestartContainer" && p.FindText("resourceName") is { } name && (had.FindText("requests", name) != has.FindText("requests", name) || had.FindText("limits", name) != has.FindText("limits", name)));

    private static bool IsResized(JsonObject pod)
    {
        var statuses = pod.FindObjects("status", "containerStatuses").ToDictionary(static s => s.FindText("name") ?? "", StringComparer.Ordinal);
        return pod.FindObjects("spec", "containers").Any(c => c.FindMap("resources") is { Count: > 0 } wanted
            && statuses.GetValueOrDefault(c.FindText("name") ?? "").FindMap("resources") is { } has && !JsonNode.DeepEquals(wanted, has));
    }

    private static long Wanted(JsonObject pod, string name) => pod.FindObjects("spec", "containers").Sum(c => Quantity.TryParse(c.FindText("resources", "requests", name), out var amount) ? amount.MilliValue : 0);

    // Of cpu the kubelet tells thousandths, of memory bytes.
    private static long Shown(long thousandths, string name) => name == "cpu" ? thousandths : thousandths / 1000;
}
