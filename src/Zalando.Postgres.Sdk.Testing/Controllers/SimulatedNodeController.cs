using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Testing.ApiServer;
using Zalando.Postgres.Sdk.Testing.Controllers.Nodes;
using Zalando.Postgres.Sdk.Testing.Controllers.Workloads;

namespace Zalando.Postgres.Sdk.Testing.Controllers;

/// <summary>Scheduler and kubelet of nodes that only pretend.</summary>
internal sealed class SimulatedNodeController(ControllerContext context, SimulatedNodeOptions options) : Controller(context), IStartingController
{
    private static readonly ObjectKey NodeKey = new("", "");

    private readonly IReadOnlyList<string> _names = [options.NodeName, .. options.FurtherNodeNames];
    private readonly ConcurrentDictionary<ObjectKey, PodFate> _fates = new();
    private readonly Dictionary<string, DateTimeOffset> _since = new(StringComparer.Ordinal);
    private int _addresses;

    public override string Name => "simulated-node";

    public IEnumerable<ObjectKey> InitialKeys => [NodeKey];

    public void SetFate(ObjectKey pod, PodFate fate) => _fates[pod] = fate;

    public override void Observe(ApiChange change, Action<ObjectKey> enqueue)
    {
        if (change.Kind.Kind == "Node" && change.Type != "DELETED")
        {
            TryPending(enqueue);
            return;
        }

        if (change.Kind.Kind != "Pod") return;
        if (change.Type == "DELETED")
        {
            _since.Remove(change.Object.UidOf());
            TryPending(enqueue);
        }
        else
        {
            enqueue(ObjectKey.Of(change.Object));
        }
    }

    // Room on a node may be what they wait for.
    private void TryPending(Action<ObjectKey> enqueue)
    {
        foreach (var pod in State.List(KubernetesKinds.Pod, null))
            if (pod.FindText("spec", "nodeName") is not { Length: > 0 }) enqueue(ObjectKey.Of(pod));
    }

    public override TimeSpan? Reconcile(ObjectKey key)
    {
        if (key == NodeKey)
        {
            for (var i = 0; i < _names.Count; i++) MakeNode(_names[i], Address(i));
            return null;
        }

        if (State.Get(KubernetesKinds.Pod, key) is not { } pod) return null;
        var fate = _fates.GetValueOrDefault(key);
        if (pod.FindText("spec", "nodeName") is not { Length: > 0 } node)
        {
            if (!options.Schedules || fate == PodFate.Pending || pod.IsTerminating() || HasUnboundClaim(pod)) return null;
            Schedule(pod);
            return null;
        }

        if (!_names.Contains(node)) return null;
        return pod.IsTerminating() ? Stop(pod) : Run(key, pod, fate);
    }

    private void Schedule(JsonObject pod)
    {
        var nodes = State.List(KubernetesKinds.Node, null).Where(n => _names.Contains(n.NameOf())).ToArray();
        var changed = pod.Copy();
        if (PodPlacement.Choose(pod, nodes, State.List(KubernetesKinds.Pod, null), out var refusal) is { } name)
        {
            changed.Make("spec")["nodeName"] = name;
            SetCondition(changed, "PodScheduled", "True");
            // Through the pod's binding: an ordinary update cannot set the node.
            Api.Update(KubernetesKinds.Pod, changed, "binding");
            return;
        }

        SetCondition(changed, "PodScheduled", "False");
        var condition = changed.Condition("PodScheduled")!;
        condition["reason"] = "Unschedulable";
        condition["message"] = refusal;
        if (!JsonNode.DeepEquals(changed["status"], pod["status"])) Api.Update(KubernetesKinds.Pod, changed, "status");
    }

    // Pods may have been there before this controller was.
    private string FreeAddress()
    {
        while (true)
        {
            var number = ++_addresses;
            var address = $"{options.AddressPrefix}.{number / 250}.{(number % 250) + 1}";
            if (!State.List(KubernetesKinds.Pod, null).Any(p => p.FindText("status", "podIP") == address)) return address;
        }
    }

    private string Address(int number)
    {
        if (number == 0) return options.NodeAddress;
        var bytes = System.Net.IPAddress.Parse(options.NodeAddress).GetAddressBytes();
        bytes[^1] = (byte)(bytes[^1] + number);
        return new System.Net.IPAddress(bytes).ToString();
    }

    private TimeSpan? Stop(JsonObject pod)
    {
        var ends = (pod.FindTime("metadata", "deletionTimestamp") ?? Now) - TimeSpan.FromSeconds(pod.FindNumber("metadata", "deletionGracePeriodSeconds") ?? 0) + options.StopDelay;
        if (ends > Now) return ends - Now;
        Api.Delete(KubernetesKinds.Pod, pod.NamespaceOf(), pod.NameOf(), new JsonObject
        {
            ["gracePeriodSeconds"] = ObjectReading.Number(0), ["preconditions"] = new JsonObject { ["uid"] = pod.UidOf() },
        });
        return null;
    }

    private TimeSpan? Run(ObjectKey key, JsonObject pod, PodFate fate)
    {
        if (PodState.IsFinished(pod)) return null;
        if (fate is PodFate.Failed or PodFate.Succeeded) _fates.TryRemove(key, out _);
        else if (fate == PodFate.Normal && options.CompletesJobs && pod.ControllerOf().FindText("kind") == "Job") fate = PodFate.Succeeded;
        if (!_since.TryGetValue(pod.UidOf(), out var since)) _since[pod.UidOf()] = since = pod.FindTime("status", "startTime") ?? Now;
        var readyAt = since + options.ReadyDelay;
        var finished = fate is PodFate.Failed or PodFate.Succeeded;
        var ready = !finished && fate != PodFate.Unready && readyAt <= Now;
        var copy = pod.Copy();
        var status = copy.Make("status");
        status["phase"] = fate switch { PodFate.Failed => "Failed", PodFate.Succeeded => "Succeeded", _ => "Running" };
        if (status.FindText("podIP") is not { Length: > 0 })
        {
            var address = FreeAddress();
            status["podIP"] = address;
            status["podIPs"] = new JsonArray(new JsonObject { ["ip"] = address });
            var host = Address(_names.ToList().IndexOf(pod.FindText("spec", "nodeName") ?? ""));
            status["hostIP"] = host;
            status["hostIPs"] = new JsonArray(new JsonObject { ["ip"] = host });
            status["startTime"] = Now.Stamp();
        }

        SetCondition(copy, "Initialized", "True");
        SetCondition(copy, "Ready", ready ? "True" : "False");
        SetCondition(copy, "ContainersReady", ready ? "True" : "False");
        SetCondition(copy, "PodScheduled", "True");
        var refusal = NodeRoom.Refusal(pod, State);
        PodResizeConditions.Set(copy, refusal, Now);
        status["containerStatuses"] = new JsonArray(pod.FindObjects("spec", "containers").Select(c => Container(c, status, fate, ready, refusal is null)).ToArray());
        if (!JsonNode.DeepEquals(copy["status"], pod["status"])) Api.Update(KubernetesKinds.Pod, copy, "status");
        if (refusal is { IsForGood: false }) return NodeRoom.RetryPeriod;
        return !ready && fate == PodFate.Normal && readyAt > Now ? readyAt - Now : null;
    }

    private JsonNode? Container(JsonObject container, JsonObject status, PodFate fate, bool ready, bool isResized)
    {
        var name = container.FindText("name") ?? "";
        var before = status.FindObjects("containerStatuses").FirstOrDefault(s => s.FindText("name") == name);
        var started = before.FindText("state", "running", "startedAt") ?? Now.Stamp();
        var state = new JsonObject();
        if (fate is PodFate.Failed or PodFate.Succeeded)
        {
            var ended = new JsonObject { ["reason"] = fate == PodFate.Failed ? "Error" : "Completed", ["startedAt"] = started, ["finishedAt"] = Now.Stamp() };
            ended.SetNumber("exitCode", fate == PodFate.Failed ? 1 : 0);
            state["terminated"] = ended;
        }
        else
        {
            state["running"] = new JsonObject { ["startedAt"] = started };
        }

        var result = new JsonObject
        {
            ["name"] = name, ["state"] = state, ["lastState"] = new JsonObject(), ["ready"] = ready, ["image"] = container.FindText("image") ?? "",
            ["imageID"] = container.FindText("image") ?? "", ["containerID"] = "simulated://" + name, ["started"] = state.ContainsKey("running"),
        };
        var restarts = before.FindNumber("restartCount") ?? 0;
        if (container.FindMap("resources") is { Count: > 0 } wanted)
        {
            // What the container has; another wish is taken over when there is room for it.
            var had = before.FindMap("resources");
            var has = had is null || isResized ? wanted : had;
            if (had is not null && NodeRoom.NeedsRestart(container, had, has)) restarts++;
            result["resources"] = has.DeepClone();
            if (has.FindMap("requests") is { } allocated) result["allocatedResources"] = allocated.DeepClone();
        }

        result.SetNumber("restartCount", restarts);
        return result;
    }

    private void SetCondition(JsonObject pod, string type, string value)
    {
        var status = pod.Make("status");
        if (status["conditions"] is not JsonArray conditions) status["conditions"] = conditions = [];
        var condition = conditions.OfType<JsonObject>().FirstOrDefault(c => c.FindText("type") == type);
        if (condition is null)
        {
            condition = new JsonObject { ["type"] = type, ["lastProbeTime"] = null };
            conditions.Add((JsonNode)condition);
        }

        if (condition.FindText("status") == value) return;
        condition.Remove("reason");
        condition.Remove("message");
        condition["status"] = value;
        condition["lastTransitionTime"] = Now.Stamp();
    }

    private bool HasUnboundClaim(JsonObject pod) => pod.FindObjects("spec", "volumes")
        .Select(static v => v.FindText("persistentVolumeClaim", "claimName")).OfType<string>()
        .Any(c => State.Get(KubernetesKinds.PersistentVolumeClaim, pod.NamespaceOf(), c) is null);

    private void MakeNode(string name, string address)
    {
        if (State.Get(KubernetesKinds.Node, "", name) is not null) return;
        try
        {
            var node = Api.Create(KubernetesKinds.Node, new JsonObject
            {
                ["apiVersion"] = "v1", ["kind"] = "Node",
                ["metadata"] = new JsonObject { ["name"] = name, ["labels"] = new JsonObject { ["kubernetes.io/hostname"] = name, ["kubernetes.io/os"] = "linux" } },
            });
            var status = node.Make("status");
            status["addresses"] = new JsonArray(new JsonObject { ["type"] = "InternalIP", ["address"] = address }, new JsonObject { ["type"] = "Hostname", ["address"] = name });
            status["capacity"] = new JsonObject { ["cpu"] = "64", ["memory"] = "256Gi", ["pods"] = "1000" };
            status["allocatable"] = new JsonObject { ["cpu"] = "64", ["memory"] = "256Gi", ["pods"] = "1000" };
            status["conditions"] = new JsonArray(new JsonObject
            {
                ["type"] = "Ready", ["status"] = "True", ["lastHeartbeatTime"] = Now.Stamp(), ["lastTransitionTime"] = Now.Stamp(), ["reason"] = "KubeletReady", ["message"] = "simulated",
            });
            node = Api.Update(KubernetesKinds.Node, node, "status");
            node.Make("spec").Remove("taints");
            Api.Update(KubernetesKinds.Node, node);
        }
        catch (ApiStatusException error) when (error.Code == 409)
        {
            // Somebody was faster; a node is a node.
        }
    }
}
