using System.Text.Json.Nodes;

namespace Zalando.Postgres.Sdk.Testing.Controllers.Nodes;

/// <summary>The condition by which a kubelet tells that a pod does not have what it asks for.</summary>
internal static class PodResizeConditions
{
    private const string Pending = "PodResizePending";

    public static void Set(JsonObject pod, ResizeRefusal? refusal, DateTimeOffset now)
    {
        if (pod.FindMap("status")?["conditions"] is not JsonArray conditions) return;
        var condition = conditions.OfType<JsonObject>().FirstOrDefault(static c => c.FindText("type") == Pending);
        if (refusal is null)
        {
            if (condition is not null) conditions.Remove(condition);
            return;
        }

        if (condition is null) conditions.Add((JsonNode)(condition = new JsonObject { ["type"] = Pending, ["status"] = "True", ["lastProbeTime"] = null, ["lastTransitionTime"] = now.Stamp() }));
        condition["reason"] = refusal.IsForGood ? "Infeasible" : "Deferred";
        condition["message"] = refusal.Message;
    }
}
