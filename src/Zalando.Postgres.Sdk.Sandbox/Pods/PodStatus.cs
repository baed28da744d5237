using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Testing.ApiServer;
using Zalando.Postgres.Sdk.Testing.Controllers;

namespace Zalando.Postgres.Sdk.Sandbox.Pods;

/// <summary>Writes the status of one pod. Patroni writes labels and annotations of the same object all the time: conflicts are tried again.</summary>
internal sealed class PodStatus(IApiAccess api, string namespaceName, string name, string uid, TimeProvider time)
{
    private const int Conflict = 409;
    private const int NotFound = 404;
    private const int Attempts = 50;

    private readonly DateTimeOffset _start = time.GetUtcNow();

    /// <summary>Writes what the node knows of the pod.</summary>
    public void Write(string phase, string podAddress, string nodeAddress, IReadOnlyList<ContainerState> containers, IReadOnlyList<ContainerState> initContainers, bool ready, string? message)
    {
        Change("status", pod =>
        {
            if (pod["status"] is not JsonObject status) pod["status"] = status = [];
            status["phase"] = phase;
            status["hostIP"] = nodeAddress;
            status["hostIPs"] = new JsonArray(new JsonObject { ["ip"] = nodeAddress });
            status["podIP"] = podAddress;
            status["podIPs"] = new JsonArray(new JsonObject { ["ip"] = podAddress });
            status["startTime"] ??= ContainerState.Stamp(_start);
            status["containerStatuses"] = new JsonArray([.. containers.Select(c => c.ToJson())]);
            GiveResources(pod);
            if (initContainers.Count > 0) status["initContainerStatuses"] = new JsonArray([.. initContainers.Select(c => c.ToJson())]);
            var succeeded = phase == "Succeeded";
            SetCondition(status, "PodReadyToStartContainers", value: true, null, null);
            SetCondition(status, "Initialized", value: true, succeeded ? "PodCompleted" : null, null);
            SetCondition(status, "Ready", ready, ready ? null : succeeded ? "PodCompleted" : "ContainersNotReady", message);
            SetCondition(status, "ContainersReady", ready, ready ? null : succeeded ? "PodCompleted" : "ContainersNotReady", message);
            SetCondition(status, "PodScheduled", value: true, null, null);
            return true;
        });
    }

    /// <summary>Gives a pod the amounts of cpu and memory that it asks for now. Processes are not limited here, so it has them as soon as it asks.</summary>
    public void Resize(JsonObject pod)
    {
        if (pod["status"]?["containerStatuses"] is JsonArray && GiveResources((JsonObject)pod.DeepClone())) Change("status", GiveResources);
    }

    private static bool GiveResources(JsonObject pod)
    {
        var changed = false;
        foreach (var status in (pod["status"]?["containerStatuses"] as JsonArray ?? []).OfType<JsonObject>())
        {
            var container = (pod["spec"]?["containers"] as JsonArray ?? []).OfType<JsonObject>().FirstOrDefault(c => (string?)c["name"] == (string?)status["name"]);
            if (container?["resources"] is not JsonObject { Count: > 0 } wanted || JsonNode.DeepEquals(wanted, status["resources"])) continue;
            status["resources"] = wanted.DeepClone();
            changed = true;
        }

        return changed;
    }

    /// <summary>Adds labels, or removes them.</summary>
    public void SetLabels(IReadOnlyDictionary<string, string> labels, bool present) => Change(null, pod =>
    {
        if (pod["metadata"] is not JsonObject metadata) return false;
        if (metadata["labels"] is not JsonObject existing) metadata["labels"] = existing = [];
        var changed = false;
        foreach (var (label, value) in labels)
        {
            if (present && (string?)existing[label] != value)
            {
                existing[label] = value;
                changed = true;
            }
            else if (!present && existing.Remove(label))
            {
                changed = true;
            }
        }

        return changed;
    });

    private void Change(string? subresource, Func<JsonObject, bool> change)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            if (api.Get(KubernetesKinds.Pod, namespaceName, name) is not { } pod || (string?)pod["metadata"]?["uid"] != uid) return;
            if (!change(pod)) return;
            try
            {
                api.Update(KubernetesKinds.Pod, pod, subresource);
                return;
            }
            catch (ApiStatusException exception) when (exception.Code == Conflict)
            {
                // Somebody else was first: once more with what he wrote.
            }
            catch (ApiStatusException exception) when (exception.Code == NotFound)
            {
                return;
            }
        }
    }

    private void SetCondition(JsonObject status, string type, bool value, string? reason, string? message)
    {
        if (status["conditions"] is not JsonArray conditions) status["conditions"] = conditions = [];
        var text = value ? "True" : "False";
        var existing = conditions.OfType<JsonObject>().FirstOrDefault(c => (string?)c["type"] == type);
        if (existing is null)
        {
            existing = new JsonObject { ["type"] = type, ["lastProbeTime"] = null };
            conditions.Add((JsonNode)existing);
        }

        if ((string?)existing["status"] != text) existing["lastTransitionTime"] = ContainerState.Stamp(time.GetUtcNow());
        existing["status"] = text;
        existing.Remove("reason");
        existing.Remove("message");
        if (reason is not null) existing["reason"] = reason;
        if (message is not null) existing["message"] = message;
    }
}
