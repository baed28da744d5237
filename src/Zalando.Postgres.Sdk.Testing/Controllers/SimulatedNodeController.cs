using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Testing.ApiServer;
using Zalando.Postgres.Sdk.Testing.Controllers.Workloads;

namespace Zalando.Postgres.Sdk.Testing.Controllers;

/// <summary>Scheduler and kubelet of a node that only pretends.</summary>
internal sealed class SimulatedNodeController(ControllerContext context, SimulatedNodeOptions options) : Controller(context), IStartingController
{
    private static readonly ObjectKey NodeKey = new("", "");

    private readonly ConcurrentDictionary<ObjectKey, PodFate> _fates = new();
    private readonly Dictionary<string, DateTimeOffset> _since = new(StringComparer.Ordinal);
    private int _addresses;

    public override string Name => "simulated-node";

    public IEnumerable<ObjectKey> InitialKeys => [NodeKey];

    public void SetFate(ObjectKey pod, PodFate fate) => _fates[pod] = fate;

    public override void Observe(ApiChange change, Action<ObjectKey> enqueue)
    {
        if (change.Kind.Kind != "Pod") return;
        if (change.Type == "DELETED") _since.Remove(change.Object.UidOf());
        else enqueue(ObjectKey.Of(change.Object));
    }

    public override TimeSpan? Reconcile(ObjectKey key)
    {
        if (key == NodeKey)
        {
            MakeNode();
            return null;
        }

        if (State.Get(KubernetesKinds.Pod, key) is not { } pod) return null;
        var fate = _fates.GetValueOrDefault(key);
        if (pod.FindText("spec", "nodeName") is not { Length: > 0 } node)
        {
            if (!options.Schedules || fate == PodFate.Pending || pod.IsTerminating() || HasUnboundClaim(pod)) return null;
            var scheduled = pod.Copy();
            scheduled.Make("spec")["nodeName"] = options.NodeName;
            SetCondition(scheduled, "PodScheduled", "True");
            // Through the pod's binding: an ordinary update cannot set the node.
            Api.Update(KubernetesKinds.Pod, scheduled, "binding");
            return null;
        }

        if (node != options.NodeName) return null;
        return pod.IsTerminating() ? Stop(pod) : Run(key, pod, fate);
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
        if (!_since.TryGetValue(pod.UidOf(), out var since)) _since[pod.UidOf()] = since = Now;
        var readyAt = since + options.ReadyDelay;
        var finished = fate is PodFate.Failed or PodFate.Succeeded;
        var ready = !finished && fate != PodFate.Unready && readyAt <= Now;
        var copy = pod.Copy();
        var status = copy.Make("status");
        status["phase"] = fate switch { PodFate.Failed => "Failed", PodFate.Succeeded => "Succeeded", _ => "Running" };
        if (status.FindText("podIP") is not { Length: > 0 })
        {
            var number = ++_addresses;
            var address = $"{options.AddressPrefix}.{number / 250}.{(number % 250) + 1}";
            status["podIP"] = address;
            status["podIPs"] = new JsonArray(new JsonObject { ["ip"] = address });
            status["hostIP"] = options.NodeAddress;
            status["hostIPs"] = new JsonArray(new JsonObject { ["ip"] = options.NodeAddress });
            status["startTime"] = Now.Stamp();
        }

        SetCondition(copy, "Initialized", "True");
        SetCondition(copy, "Ready", ready ? "True" : "False");
        SetCondition(copy, "ContainersReady", ready ? "True" : "False");
        SetCondition(copy, "PodScheduled", "True");
        status["containerStatuses"] = new JsonArray(pod.FindObjects("spec", "containers").Select(c => Container(c, status, fate, ready)).ToArray());
        if (!JsonNode.DeepEquals(copy["status"], pod["status"])) Api.Update(KubernetesKinds.Pod, copy, "status");
        return !ready && fate == PodFate.Normal && readyAt > Now ? readyAt - Now : null;
    }

    private JsonNode? Container(JsonObject container, JsonObject status, PodFate fate, bool ready)
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
        result.SetNumber("restartCount", 0);
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
        condition["status"] = value;
        condition["lastTransitionTime"] = Now.Stamp();
    }

    private bool HasUnboundClaim(JsonObject pod) => pod.FindObjects("spec", "volumes")
        .Select(static v => v.FindText("persistentVolumeClaim", "claimName")).OfType<string>()
        .Any(c => State.Get(KubernetesKinds.PersistentVolumeClaim, pod.NamespaceOf(), c) is null);

    private void MakeNode()
    {
        if (State.Get(KubernetesKinds.Node, "", options.NodeName) is not null) return;
        try
        {
            var node = Api.Create(KubernetesKinds.Node, new JsonObject
            {
                ["apiVersion"] = "v1", ["kind"] = "Node",
                ["metadata"] = new JsonObject { ["name"] = options.NodeName, ["labels"] = new JsonObject { ["kubernetes.io/hostname"] = options.NodeName, ["kubernetes.io/os"] = "linux" } },
            });
            var status = node.Make("status");
            status["addresses"] = new JsonArray(new JsonObject { ["type"] = "InternalIP", ["address"] = options.NodeAddress }, new JsonObject { ["type"] = "Hostname", ["address"] = options.NodeName });
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
