using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Testing.ApiServer.Pipeline;
using Zalando.Postgres.Sdk.Testing.ApiServer.Storage;

namespace Zalando.Postgres.Sdk.Testing.Validation;

/// <summary>Other amounts for the containers of a running pod: cpu and memory only, none taken away, and the class of service stays.</summary>
internal static class PodResizeValidation
{
    public static void Validate(JsonObject pod, JsonObject old, FaultList faults)
    {
        var containers = (pod.Object("spec").Array("containers") ?? []).OfType<JsonObject>().ToArray();
        var before = (old.Object("spec").Array("containers") ?? []).OfType<JsonObject>().ToArray();
        for (var i = 0; i < Math.Min(containers.Length, before.Length); i++)
        {
            var path = $"spec.containers[{i}].resources";
            foreach (var part in (ReadOnlySpan<string>)["limits", "requests"])
            {
                var (now, was) = (containers[i].Object("resources").Object(part) ?? [], before[i].Object("resources").Object(part) ?? []);
                foreach (var (name, _) in was)
                    if (name is "cpu" or "memory" && !now.ContainsKey(name)) faults.Forbidden($"{path}.{part}", $"resource {part} cannot be removed");
                foreach (var name in now.Select(static a => a.Key).Union(was.Select(static a => a.Key), StringComparer.Ordinal))
                    if (name is not ("cpu" or "memory") && now.Text(name) != was.Text(name)) faults.Forbidden("spec", "only cpu and memory resources are mutable");
            }

            foreach (var (name, request) in containers[i].Object("resources").Object("requests") ?? [])
            {
                if (Quantity.TryParse((string?)request, out var least) && Quantity.TryParse(containers[i].Object("resources").Object("limits").Text(name), out var most) && least > most)
                    faults.Invalid($"{path}.requests", least.ToString(), $"must be less than or equal to {name} limit of {most}");
            }
        }

        if (PodAdmission.QualityOfService(pod.Object("spec") ?? []) is var quality && old.Object("status").Text("qosClass") is { } former && quality != former)
            faults.Invalid("spec", quality, "Pod QOS Class may not change as a result of resizing");
    }
}
