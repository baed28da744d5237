using Zalando.Postgres.Sdk.Planning.Services;
using Zalando.Postgres.Sdk.Planning.Upgrade;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Planning.Clusters;

/// <summary>Manifests that cannot be followed, found before anything is made, so that nothing half-made stays behind.</summary>
internal static class Admission
{
    // Services have the name of the cluster, and replicas' services add five characters to it; a DNS label has at most 63.
    private const int MaxNameLength = 58;

    public static void Check(ClusterContext context)
    {
        var spec = context.Spec;
        if (context.Name.Length is 0 or > MaxNameLength)
            context.Refuse("InvalidClusterName", "metadata.name", $"The name must have 1 to {MaxNameLength} characters.", context.Name);
        if (context.Settings.EnableTeamIdClusterNamePrefix && DnsNames.NameWithoutTeam(context.Name, spec.TeamId ?? "") is null)
        {
            // A cluster that exists keeps running: it cannot be renamed.
            var report = context.Observed.Find(KubernetesKinds.StatefulSet, context.Namespace, context.Name) is null ? context.Refuse : (Action<string, string, string, string?>)context.Warn;
            report("InvalidClusterName", "metadata.name",
                $"The operator configuration (enable_teamid_clustername_prefix) wants the name to begin with the team and a dash: {spec.TeamId}-... Rename the cluster or change spec.teamId.", context.Name);
        }

        foreach (var (key, value) in context.BaseLabels)
        {
            if (context.FullLabels[key] == value) continue;
            context.Refuse("LabelCollision", $"metadata.labels[{key}]",
                $"The inherited label {key} has the key of a cluster label with another value ({value}), so pods would not match their StatefulSet. Remove the label from the manifest or the key from inherited_labels.",
                context.FullLabels[key]);
        }

        foreach (var window in spec.MaintenanceWindows ?? [])
        {
            if (!MaintenanceWindows.TryParse(window, out _))
                context.Refuse("InvalidMaintenanceWindow", "spec.maintenanceWindows", $"\"{window}\" is no window: write 01:00-06:00 or Sat:00:00-04:00, in UTC, not over midnight.", window);
        }

        if (spec.Standby is not null && spec.CloneFrom is { Cluster.Length: > 0 })
            context.Refuse("CloneAndStandby", "spec.standby", "A cluster cannot be a clone and a standby at once: remove one of the sections.");
        CheckContainers(context);
    }

    private static void CheckContainers(ClusterContext context)
    {
        var kubernetes = context.Settings.Kubernetes;
        var exists = context.Observed.Find(KubernetesKinds.StatefulSet, context.Namespace, context.Name) is not null;
        if (context.Spec.InitContainers is { Count: > 0 } && !kubernetes.EnableInitContainers) Report("spec.initContainers", "Init containers", "enable_init_containers");
        if (context.Spec.Sidecars is { Count: > 0 } && !kubernetes.EnableSidecars) Report("spec.sidecars", "Sidecars", "enable_sidecars");

        void Report(string field, string what, string parameter)
        {
            if (exists) context.Warn("FeatureDisabled", field, $"{what} are switched off in the operator configuration ({parameter}); the cluster has them from before and keeps them.");
            else context.Refuse("FeatureDisabled", field, $"{what} are switched off in the operator configuration ({parameter}). Remove them from the manifest.");
        }
    }
}
