using System.Globalization;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning.Clusters;
using Zalando.Postgres.Sdk.Planning.Json;
using Zalando.Postgres.Sdk.Planning.StatefulSets;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Planning.Upgrade;

/// <summary>Which major version the pods of a cluster are told to run.</summary>
internal static class PostgresVersion
{
    /// <summary>The version that is asked for: the manifest's, or the target of the configuration for old ones.</summary>
    public static string Desired(ClusterContext context)
    {
        var upgrade = context.Settings.MajorVersionUpgrade;
        var version = context.Spec.Postgresql.Version ?? "";
        return upgrade.Mode == "full" && Number(version) < Number(upgrade.MinimalMajorVersion) ? upgrade.TargetMajorVersion : version;
    }

    /// <summary>The version of the pod template: outside of the maintenance windows a running cluster keeps the one it has.</summary>
    public static string ForPods(ClusterContext context)
    {
        var desired = Desired(context);
        // An upgrade in place comes first; then the template follows, and no pod is made again for it.
        if (UpgradePlanner.Applies(context) && Current(context) is { } present && present != desired)
            return UpgradePlanner.Running(context) == Number(desired) && !UpgradePlanner.IsUnderWay(context) ? desired : present;
        if (MaintenanceWindows.IsOpen(context)) return desired;
        return Current(context) is { } current && current != desired ? current : desired;
    }

    /// <summary>The version in the stored pod template; null when there is none.</summary>
    public static string? Current(ClusterContext context)
    {
        var postgres = context.Observed.Find(KubernetesKinds.StatefulSet, context.Namespace, context.Name).Items("spec", "template", "spec", "containers").FirstOrDefault(c => c.Text("name") == ContainerResources.PostgresContainer);
        foreach (var variable in postgres.Items("env"))
        {
            if (variable.Text("name") == "PGVERSION") return variable.Text("value");
            if (variable.Text("name") != SpiloConfiguration.Variable || variable.Text("value") is not { } text) continue;
            // /usr/lib/postgresql/18/bin
            const string marker = "/usr/lib/postgresql/";
            var start = text.IndexOf(marker, StringComparison.Ordinal);
            var end = start < 0 ? -1 : text.IndexOf('/', start + marker.Length);
            if (end > 0) return text[(start + marker.Length)..end];
        }

        return null;
    }

    private static int Number(string version) => int.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
