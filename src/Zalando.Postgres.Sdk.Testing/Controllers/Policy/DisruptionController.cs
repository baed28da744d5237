using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources.Kubernetes;
using Zalando.Postgres.Sdk.Testing.Controllers.Workloads;

namespace Zalando.Postgres.Sdk.Testing.Controllers.Policy;

/// <summary>Works out how many pods of a budget may be disturbed.</summary>
internal sealed class DisruptionController(ControllerContext context) : Controller(context)
{
    private static readonly TimeSpan EvictionTimeout = TimeSpan.FromMinutes(2);

    public override string Name => "disruption";

    public override void Observe(ApiChange change, Action<ObjectKey> enqueue)
    {
        switch (change.Kind.Kind)
        {
            case "PodDisruptionBudget":
                enqueue(ObjectKey.Of(change.Object));
                break;
            case "Pod":
                foreach (var budget in State.List(KubernetesKinds.PodDisruptionBudget, change.Object.NamespaceOf()))
                {
                    var selector = budget.FindMap("spec", "selector");
                    if (LabelMatch.Matches(selector, change.Object.LabelsOf()) || change.Previous is { } old && LabelMatch.Matches(selector, old.LabelsOf())) enqueue(ObjectKey.Of(budget));
                }

                break;
            case "StatefulSet" or "Deployment" or "ReplicaSet" or "ReplicationController":
                foreach (var budget in State.List(KubernetesKinds.PodDisruptionBudget, change.Object.NamespaceOf())) enqueue(ObjectKey.Of(budget));
                break;
        }
    }

    public override TimeSpan? Reconcile(ObjectKey key)
    {
        if (State.Get(KubernetesKinds.PodDisruptionBudget, key) is not { } budget || budget.IsTerminating()) return null;
        var pods = State.List(KubernetesKinds.Pod, key.Namespace).Where(p => LabelMatch.Matches(budget.FindMap("spec", "selector"), p.LabelsOf()) && !PodState.IsFinished(p)).ToArray();
        var generation = budget.FindNumber("metadata", "generation") ?? 1;
        var status = new JsonObject();
        status.SetNumber("observedGeneration", generation);
        var (expected, desired, failure) = Wanted(budget, pods);
        if (failure is not null)
        {
            // Nothing is known of the number wanted, so nothing may be disturbed.
            var failed = budget.FindMap("status")?.Copy() ?? [];
            failed.SetNumber("disruptionsAllowed", 0);
            failed.SetNumber("observedGeneration", generation);
            failed["conditions"] = new JsonArray(Condition(budget, "False", "SyncFailed", failure, generation));
            Write(budget, failed);
            return null;
        }

        var disturbed = Disturbed(budget, pods, out var again);
        var healthy = pods.Count(p => PodState.IsReady(p) && !p.IsTerminating() && !disturbed.ContainsKey(p.NameOf()));
        var allowed = expected <= 0 ? 0 : Math.Max(0, healthy - desired);
        if (disturbed.Count > 0) status["disruptedPods"] = disturbed;
        status.SetNumber("disruptionsAllowed", allowed);
        status.SetNumber("currentHealthy", healthy);
        status.SetNumber("desiredHealthy", desired);
        status.SetNumber("expectedPods", expected);
        status["conditions"] = new JsonArray(Condition(budget, allowed > 0 ? "True" : "False", allowed > 0 ? "SufficientPods" : "InsufficientPods", "", generation));
        Write(budget, status);
        return again;
    }

    private (int Expected, int Desired, string? Failure) Wanted(JsonObject budget, JsonObject[] pods)
    {
        var minimum = budget.Find("spec", "minAvailable");
        var maximum = budget.Find("spec", "maxUnavailable");
        if (maximum is not null)
        {
            if (Scale(pods, out var failure) is not { } scale) return (0, 0, failure);
            return (scale, Math.Max(0, scale - (IntOrPercent.Of(maximum, scale, roundUp: true) ?? 0)), null);
        }

        if (IntOrPercent.IsPercent(minimum))
        {
            if (Scale(pods, out var failure) is not { } scale) return (0, 0, failure);
            return (scale, IntOrPercent.Of(minimum, scale, roundUp: true) ?? 0, null);
        }

        return (pods.Length, minimum.FindNumber() ?? 0, null);
    }

    /// <summary>How many pods their owners want together.</summary>
    private int? Scale(JsonObject[] pods, out string? failure)
    {
        failure = null;
        var owners = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var pod in pods)
        {
            if (pod.ControllerOf() is not { } reference)
            {
                failure = $"found no controller ref for pod \"{pod.NameOf()}\"";
                return null;
            }

            if (State.ByUid(reference.FindText("uid") ?? "") is not var (_, owner)) continue;
            if (owner.ControllerOf() is { } above && above.FindText("kind") == "Deployment" && State.ByUid(above.FindText("uid") ?? "") is var (_, deployment)) owner = deployment;
            if (owner.FindNumber("spec", "replicas") is not { } replicas)
            {
                failure = $"{reference.FindText("kind")} \"{reference.FindText("name")}\" does not implement the scale subresource";
                return null;
            }

            owners[owner.UidOf()] = replicas;
        }

        return owners.Values.Sum();
    }

    /// <summary>Pods that were evicted but are not yet seen to go.</summary>
    private JsonObject Disturbed(JsonObject budget, JsonObject[] pods, out TimeSpan? again)
    {
        var result = new JsonObject();
        again = null;
        foreach (var (name, since) in budget.FindMap("status", "disruptedPods") ?? [])
        {
            if (!pods.Any(p => p.NameOf() == name && !p.IsTerminating())) continue;
            var left = (since.FindTime() ?? Now) + EvictionTimeout - Now;
            if (left <= TimeSpan.Zero) continue;
            result[name] = since?.DeepClone();
            if (again is null || left < again) again = left;
        }

        return result;
    }

    private JsonObject Condition(JsonObject budget, string value, string reason, string message, int generation)
    {
        var before = budget.Condition("DisruptionAllowed");
        var condition = new JsonObject
        {
            ["type"] = "DisruptionAllowed", ["status"] = value, ["reason"] = reason, ["message"] = message,
            ["lastTransitionTime"] = before.FindText("status") == value ? before.FindText("lastTransitionTime") ?? Now.Stamp() : Now.Stamp(),
        };
        condition.SetNumber("observedGeneration", generation);
        return condition;
    }

    private void Write(JsonObject budget, JsonObject status)
    {
        if (JsonNode.DeepEquals(budget["status"], status)) return;
        var copy = budget.Copy();
        copy["status"] = status;
        Api.Update(KubernetesKinds.PodDisruptionBudget, copy, "status");
    }
}
