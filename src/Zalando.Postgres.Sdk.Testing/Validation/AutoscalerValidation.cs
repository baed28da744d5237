using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Testing.ApiServer.Storage;

namespace Zalando.Postgres.Sdk.Testing.Validation;

/// <summary>Horizontal pod autoscalers.</summary>
internal static class AutoscalerValidation
{
    public static void Autoscaler(JsonObject value, FaultList faults)
    {
        var spec = value.Object("spec") ?? [];
        var least = spec.Whole("minReplicas") ?? 1;
        var most = spec.Whole("maxReplicas") ?? 0;
        if (least < 1) faults.Invalid("spec.minReplicas", least, "must be greater than or equal to 1");
        if (most < 1) faults.Invalid("spec.maxReplicas", most, "must be greater than 0");
        if (most < least) faults.Invalid("spec.maxReplicas", most, "must be greater than or equal to `minReplicas`");
        var target = spec.Object("scaleTargetRef");
        foreach (var field in (ReadOnlySpan<string>)["kind", "name"])
        {
            if (target.Text(field) is null or "") faults.Required("spec.scaleTargetRef." + field);
            else if (target.Text(field)!.AsSpan().IndexOfAny('/', '%') >= 0) faults.Invalid("spec.scaleTargetRef." + field, target![field], "may not contain '/' or '%'");
        }

        if (spec.Whole("targetCPUUtilizationPercentage") is { } percent and < 1) faults.Invalid("spec.targetCPUUtilizationPercentage", percent, "must be greater than 0");
    }
}
