using Zalando.Postgres.Sdk.Resources.Configuration;

namespace Zalando.Postgres.Sdk.Resources.Validation;

/// <summary>CPU and memory of all containers.</summary>
internal static class ResourceRules
{
    internal static void Check(Postgresql manifest, OperatorSettings settings, FindingCollector findings)
    {
        var spec = manifest.Spec;
        CheckSection("spec.resources", spec.Resources, findings);
        CheckSection("spec.connectionPooler.resources", spec.ConnectionPooler?.Resources, findings);
        for (var i = 0; i < (spec.Sidecars?.Count ?? 0); i++) CheckSection($"spec.sidecars[{i}].resources", spec.Sidecars![i]?.Resources, findings);
        if (NameRules.HasAnnotation(manifest, settings.IgnoreResourcesLimitsAnnotationKey)) return;
        var limits = settings.PostgresPodResources;
        CheckMinimum("spec.resources.limits.cpu", spec.Resources?.Limits?.Cpu, "min_cpu_limit", limits.MinCpuLimit, findings);
        CheckMinimum("spec.resources.limits.memory", spec.Resources?.Limits?.Memory, "min_memory_limit", limits.MinMemoryLimit, findings);
        CheckMaximum("spec.resources.requests.cpu", spec.Resources?.Requests?.Cpu, "max_cpu_request", limits.MaxCpuRequest, findings);
        CheckMaximum("spec.resources.requests.memory", spec.Resources?.Requests?.Memory, "max_memory_request", limits.MaxMemoryRequest, findings);
    }

    private static void CheckSection(string path, ResourcesSection? section, FindingCollector findings)
    {
        if (section is null) return;
        CheckPair(path, "cpu", section.Requests?.Cpu, section.Limits?.Cpu, findings);
        CheckPair(path, "memory", section.Requests?.Memory, section.Limits?.Memory, findings);
        CheckPair(path, "hugepages-2Mi", section.Requests?.HugePages2Mi, section.Limits?.HugePages2Mi, findings);
        CheckPair(path, "hugepages-1Gi", section.Requests?.HugePages1Gi, section.Limits?.HugePages1Gi, findings);
        if (Amount(section.Limits?.Memory) is { } memory && memory.Nanos > 0 && memory.CompareTo(Quantity.Parse("100Mi")) < 0)
            findings.Warn($"{path}.limits.memory", section.Limits!.Memory, "MemoryUnit", "is very little; the container will be killed", "Check the unit: 500Mi, not 500m or 500");
    }

    private static void CheckPair(string path, string name, string? request, string? limit, FindingCollector findings)
    {
        var hasRequest = request is not null & QuantityOrNothing($"{path}.requests.{name}", request, findings, out var requested);
        var hasLimit = limit is not null & QuantityOrNothing($"{path}.limits.{name}", limit, findings, out var limited);
        if (!hasRequest || !hasLimit || requested.Nanos.IsZero || limited.Nanos.IsZero) return;
        if (name.StartsWith("hugepages", StringComparison.Ordinal))
        {
            if (requested.CompareTo(limited) != 0) findings.Error($"{path}.requests.{name}", request, "HugePages", $"must equal the limit ({limit})", "Kubernetes does not over-commit huge pages");
        }
        else if (requested.CompareTo(limited) > 0)
        {
            findings.Warn($"{path}.requests.{name}", request, "RequestAboveLimit", $"is above the limit ({limit}), so the limit is raised to it", "Raise the limit or lower the request");
        }
    }

    private static bool QuantityOrNothing(string path, string? text, FindingCollector findings, out Quantity quantity)
    {
        quantity = default;
        if (text is null) return false;
        if (!QuantityRules.Check(path, text, findings, out quantity)) return false;
        if (quantity.Nanos.Sign < 0) findings.Error(path, text, "Quantity", "must not be negative", "Delete the line to get the operator's default");
        else if (quantity.Nanos.IsZero) findings.Inform(path, text, "QuantityZero", "counts as not written, so the operator's default is used", "Delete the line, or write an amount");
        return true;
    }

    private static void CheckMinimum(string path, string? text, string parameter, string minimum, FindingCollector findings)
    {
        if (Amount(text) is { } amount && Amount(minimum) is { } least && amount.CompareTo(least) < 0)
            findings.Warn(path, text, "ResourceLimits", $"is below the operator's {parameter} and is raised to {minimum}", $"Write at least {minimum}");
    }

    private static void CheckMaximum(string path, string? text, string parameter, string maximum, FindingCollector findings)
    {
        if (Amount(text) is { } amount && Amount(maximum) is { } most && amount.CompareTo(most) > 0)
            findings.Warn(path, text, "ResourceLimits", $"is above the operator's {parameter} and is lowered to {maximum}", $"Write at most {maximum}");
    }

    private static Quantity? Amount(string? text) => Quantity.TryParse(text, out var quantity) ? quantity : null;
}
