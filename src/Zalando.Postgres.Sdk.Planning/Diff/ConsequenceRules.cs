namespace Zalando.Postgres.Sdk.Planning.Diff;

/// <summary>What a difference of a field takes to come into effect.</summary>
internal static class ConsequenceRules
{
    // The server refuses to change these on an existing StatefulSet.
    private static readonly string[] FixedStatefulSetFields = ["spec.volumeClaimTemplates", "spec.selector", "spec.serviceName", "spec.podManagementPolicy"];

    // The reference never noticed changes of these, so values may have drifted over years; a take-over must not restart pods for them.
    private static readonly string[] QuietPodFields = ["tolerations", "volumes", "schedulerName", "imagePullSecrets"];
    private static readonly string[] QuietContainerFields = ["command", "args", "imagePullPolicy", "lifecycle", "startupProbe", "workingDir"];

    public const string NextRestart = "takes effect when a pod is made again";

    public static (Consequence Consequence, string? Explanation) Of(string kind, string path, bool lazyImages)
    {
        switch (kind)
        {
            case "StatefulSet":
                if (FixedStatefulSetFields.Any(f => path.StartsWith(f, StringComparison.Ordinal))) return (Consequence.Replace, null);
                if (!path.StartsWith("spec.template.", StringComparison.Ordinal)) return (Consequence.InPlace, null);
                if (path.StartsWith("spec.template.metadata.", StringComparison.Ordinal))
                    return path.StartsWith("spec.template.metadata.labels", StringComparison.Ordinal) ? (Consequence.RecreatePods, null) : (Consequence.InPlace, null);
                // Spilo keeps the version of the data directory whatever the variable says; the upgrade is told its target when it is started.
                if (path == "spec.template.spec.containers[postgres].env[PGVERSION]") return (Consequence.InPlace, "the data directory is upgraded in place; pods are not made again for it");
                return IsQuiet(path) || (lazyImages && path.EndsWith("].image", StringComparison.Ordinal)) ? (Consequence.InPlace, NextRestart) : (Consequence.RecreatePods, null);
            case "Deployment":
                if (path.StartsWith("spec.selector", StringComparison.Ordinal)) return (Consequence.Replace, null);
                return path.StartsWith("spec.template.", StringComparison.Ordinal) ? (Consequence.RestartPooler, null) : (Consequence.InPlace, null);
            default:
                return (Consequence.InPlace, null);
        }
    }

    private static bool IsQuiet(string path)
    {
        const string prefix = "spec.template.spec.";
        if (!path.StartsWith(prefix, StringComparison.Ordinal)) return false;
        var field = path[prefix.Length..];
        if (QuietPodFields.Any(f => field.StartsWith(f, StringComparison.Ordinal))) return true;
        if (!field.StartsWith("containers[", StringComparison.Ordinal) && !field.StartsWith("initContainers[", StringComparison.Ordinal)) return false;
        var end = field.IndexOf("].", StringComparison.Ordinal);
        return end > 0 && QuietContainerFields.Any(f => field.AsSpan(end + 2).StartsWith(f, StringComparison.Ordinal));
    }
}
