using System.Text.Json.Nodes;

namespace Zalando.Postgres.Sdk.Testing.Controllers.Workloads;

/// <summary>How controllers judge a pod.</summary>
internal static class PodState
{
    public static string Phase(JsonObject pod) => pod.FindText("status", "phase") ?? "";

    public static bool IsFinished(JsonObject pod) => Phase(pod) is "Succeeded" or "Failed";

    public static bool IsReady(JsonObject pod) => pod.IsConditionTrue("Ready");

    public static bool IsRunningAndReady(JsonObject pod) => Phase(pod) == "Running" && IsReady(pod);

    /// <summary>Ready for that long.</summary>
    public static bool IsAvailable(JsonObject pod, int minReadySeconds, DateTimeOffset now) =>
        IsReady(pod) && (minReadySeconds == 0 || AvailableIn(pod, minReadySeconds, now) <= TimeSpan.Zero);

    /// <summary>How long until a ready pod counts as available.</summary>
    public static TimeSpan AvailableIn(JsonObject pod, int minReadySeconds, DateTimeOffset now) =>
        pod.Condition("Ready").FindTime("lastTransitionTime") is { } since ? since.AddSeconds(minReadySeconds) - now : TimeSpan.FromSeconds(minReadySeconds);

    /// <summary>Not finished and not going away.</summary>
    public static bool IsActive(JsonObject pod) => !IsFinished(pod) && !pod.IsTerminating();

    /// <summary>A pod from the template of its owner.</summary>
    public static JsonObject FromTemplate(JsonObject template, string namespaceName, JsonObject owner)
    {
        var metadata = new JsonObject { ["namespace"] = namespaceName };
        foreach (var part in (string[])["labels", "annotations", "finalizers"])
            if (template.Find("metadata", part) is { } value) metadata[part] = value.DeepClone();
        metadata["ownerReferences"] = new JsonArray(owner);
        return new JsonObject
        {
            ["apiVersion"] = "v1", ["kind"] = "Pod", ["metadata"] = metadata,
            ["spec"] = template.Find("spec")?.DeepClone() ?? new JsonObject(),
        };
    }
}
