using Zalando.Postgres.Sdk.Resources.Configuration;

namespace Zalando.Postgres.Sdk.Resources.Validation;

/// <summary>The data volume.</summary>
internal static class VolumeRules
{
    internal static void Check(PostgresqlSpec spec, OperatorSettings settings, FindingCollector findings)
    {
        var volume = spec.Volume;
        const string path = "spec.volume";
        if (volume.Size is null) findings.Error($"{path}.size", null, "Required", "is required", "Write a quantity, for example 10Gi");
        else if (!QuantityRules.Check($"{path}.size", volume.Size, findings, out var size)) { }
        else if (size.Nanos.Sign <= 0) findings.Error($"{path}.size", volume.Size, "VolumeSize", "must be more than 0", "Write a quantity, for example 10Gi");
        else if (!volume.Size.EndsWith('i')) findings.Inform($"{path}.size", volume.Size, "VolumeUnit", "counts in powers of 1000", "Write Gi instead of G for powers of 1024");
        if (volume.IsSubPathExpr == true && string.IsNullOrEmpty(volume.SubPath)) findings.Warn($"{path}.isSubPathExpr", "true", "SubPath", "has no effect without subPath", "Write subPath or delete the line");
        if (volume.SubPath is { } sub && (sub.StartsWith('/') || sub.Split('/').Contains("..", StringComparer.Ordinal))) findings.Error($"{path}.subPath", sub, "SubPath", "must be a relative path without \"..\"", "Kubernetes refuses the pod otherwise");
        var mixed = settings.Kubernetes.StorageResizeMode == "mixed";
        if (!mixed)
        {
            foreach (var (name, value) in new[] { ("iops", volume.Iops?.ToString()), ("throughput", volume.Throughput?.ToString()), ("type", volume.Type) })
            {
                if (value is not null) findings.Warn($"{path}.{name}", value, "VolumeMode", $"has no effect while storage_resize_mode is {settings.Kubernetes.StorageResizeMode}", "Set storage_resize_mode to mixed, or delete the line");
            }
            return;
        }
        if (volume.Iops is { } iops and (< 3000 or > 80000)) findings.Warn($"{path}.iops", $"{iops}", "VolumeIops", "is used only from 3000 to 80000", "Write at least 3000");
        if (volume.Throughput is { } throughput and (< 125 or > 2000)) findings.Warn($"{path}.throughput", $"{throughput}", "VolumeThroughput", "is used only from 125 to 2000", "Write at least 125");
    }
}
