using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Testing.ApiServer.Storage;

namespace Zalando.Postgres.Sdk.Testing.Validation;

/// <summary>Pods.</summary>
internal static class PodValidation
{
    private const string OnlyImages = "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

    public static void Validate(JsonObject pod, JsonObject? old, FaultList faults)
    {
        if (old is null)
        {
            PodSpecValidation.Validate(pod.Object("spec") ?? [], "spec", TemplateKind.Pod, faults);
            return;
        }

        if (JsonNode.DeepEquals(pod["spec"], old["spec"])) return;
        var spec = pod.Object("spec")?.CopyObject() ?? [];
        var before = old.Object("spec")?.CopyObject() ?? [];
        foreach (var list in (ReadOnlySpan<string>)["containers", "initContainers"])
        {
            var containers = spec.Array(list) ?? [];
            var olds = before.Array(list) ?? [];
            for (var i = 0; i < Math.Min(containers.Count, olds.Count); i++)
                if (containers[i] is JsonObject container && olds[i] is JsonObject oldContainer) container.Put("image", oldContainer["image"]?.DeepClone());
        }

        spec.Put("activeDeadlineSeconds", before["activeDeadlineSeconds"]?.DeepClone());
        if (Adds(before.Array("tolerations"), spec.Array("tolerations"))) spec.Put("tolerations", before["tolerations"]?.DeepClone());
        // A pod that waits for its gates may be narrowed down.
        if (before.Array("schedulingGates") is { Count: > 0 })
            foreach (var field in (ReadOnlySpan<string>)["schedulingGates", "nodeSelector", "affinity"]) spec.Put(field, before[field]?.DeepClone());
        if (!JsonNode.DeepEquals(spec, before)) faults.Forbidden("spec", OnlyImages + "\n" + "the spec differs in a field that cannot change");
    }

    private static bool Adds(JsonArray? old, JsonArray? now) => (old ?? []).All(o => (now ?? []).Any(n => JsonNode.DeepEquals(o, n)));
}
