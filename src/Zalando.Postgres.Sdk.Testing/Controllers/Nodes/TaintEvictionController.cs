using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Testing.Controllers.Workloads;

namespace Zalando.Postgres.Sdk.Testing.Controllers.Nodes;

/// <summary>Deletes the pods that do not tolerate a taint with the effect NoExecute on their node, at once or when their time is over. Disruption budgets do not hold it.</summary>
internal sealed class TaintEvictionController(ControllerContext context) : Controller(context)
{
    // When a pod was first seen on a tainted node: nodes carry no time for taints that people set.
    private readonly Dictionary<string, DateTimeOffset> _since = new(StringComparer.Ordinal);

    public override string Name => "taint-eviction";

    public override void Observe(ApiChange change, Action<ObjectKey> enqueue)
    {
        if (change.Kind.Kind == "Pod")
        {
            if (change.Type == "DELETED") _since.Remove(change.Object.UidOf());
            else if (change.Object.FindText("spec", "nodeName") is { Length: > 0 }) enqueue(ObjectKey.Of(change.Object));
        }
        else if (change.Kind.Kind == "Node" && change.Type != "DELETED" && !JsonNode.DeepEquals(change.Object.Find("spec", "taints"), change.Previous.Find("spec", "taints")))
        {
            foreach (var pod in State.List(KubernetesKinds.Pod, null))
                if (pod.FindText("spec", "nodeName") == change.Object.NameOf()) enqueue(ObjectKey.Of(pod));
        }
    }

    public override TimeSpan? Reconcile(ObjectKey key)
    {
        if (State.Get(KubernetesKinds.Pod, key) is not { } pod || pod.IsTerminating() || PodState.IsFinished(pod)) return null;
        if (pod.FindText("spec", "nodeName") is not { Length: > 0 } name || State.Get(KubernetesKinds.Node, "", name) is not { } node) return null;
        int? left = null;
        var concerned = false;
        foreach (var taint in node.FindObjects("spec", "taints").Where(static t => t.FindText("effect") == "NoExecute"))
        {
            concerned = true;
            if (!PodPlacement.Tolerates(pod, taint, out var seconds)) left = 0;
            else if (seconds is { } limit) left = Math.Min(left ?? int.MaxValue, limit);
        }

        if (!concerned)
        {
            _since.Remove(pod.UidOf());
            return null;
        }

        if (left is not { } stay) return null;
        if (!_since.TryGetValue(pod.UidOf(), out var since)) _since[pod.UidOf()] = since = Now;
        if (since.AddSeconds(stay) is var end && end > Now) return end - Now;
        Api.Delete(KubernetesKinds.Pod, key.Namespace, key.Name, new JsonObject { ["preconditions"] = new JsonObject { ["uid"] = pod.UidOf() } });
        return null;
    }
}
