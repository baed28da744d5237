using Zalando.Postgres.Sdk.Resources.Configuration;

namespace Zalando.Postgres.Sdk.Resources.Validation;

/// <summary>Name of the cluster, its team and its size.</summary>
internal static class NameRules
{
    // The StatefulSet controller adds a dash and a hash of up to ten characters to a label of at most 63: no pod can be made with a longer name.
    private const int LongestName = 52;

    // "<name>-pooler-repl" is a Service name of at most 63 characters.
    private const int LongestNameWithReplicaPooler = 51;

    // "<name>-repl" is a Service name of at most 63 characters: the API server refuses a longer one.
    private const int LongestPossibleName = 58;

    internal static void Check(Postgresql manifest, OperatorSettings settings, FindingCollector findings)
    {
        var spec = manifest.Spec;
        CheckName(manifest, settings, findings);
        CheckLabels(manifest, settings, findings);
        if (spec.TeamId is null) findings.Error("spec.teamId", null, "Required", "is required", "Write the team that owns the cluster");
        else if (spec.TeamId.Length == 0) findings.Warn("spec.teamId", "", "Team", "is empty, so no human user gets a login", "Write the team that owns the cluster");
        else if (!NamePatterns.LabelValue().IsMatch(spec.TeamId)) findings.Error("spec.teamId", spec.TeamId, "Team", "must be a label value: at most 63 letters, digits, '-', '_' and '.', with a letter or digit at both ends", "Use the team's short name");
        CheckInstances(manifest, settings, findings);
    }

    // An inherited label gets into the pods' labels but not into the selector, so the API server refuses the StatefulSet.
    private static void CheckLabels(Postgresql manifest, OperatorSettings settings, FindingCollector findings)
    {
        var kubernetes = settings.Kubernetes;
        foreach (var (key, value) in manifest.Metadata.Labels ?? new Dictionary<string, string>())
        {
            if (!kubernetes.InheritedLabels.Contains(key, StringComparer.Ordinal)) continue;
            var selected = key == kubernetes.ClusterNameLabel ? manifest.Metadata.Name : kubernetes.ClusterLabels.GetValueOrDefault(key);
            if (selected is not null && selected != value)
                findings.Error($"metadata.labels.{key}", value, "LabelCollision", $"is inherited by the pods, where the operator sets the same label to {selected} and selects by it", "Delete the label, or ask for the key to be taken out of inherited_labels");
        }
    }

    private static void CheckName(Postgresql manifest, OperatorSettings settings, FindingCollector findings)
    {
        const string path = "metadata.name";
        var name = manifest.Metadata.Name;
        if (string.IsNullOrEmpty(name))
        {
            if (string.IsNullOrEmpty(manifest.Metadata.GenerateName)) findings.Error(path, null, "Required", "is required", "Name the cluster");
            return;
        }
        if (!NamePatterns.ServiceName().IsMatch(name))
            findings.ErrorIfNew(path, name, "Name", "must be a Service name: lower-case letters, digits and '-', beginning with a letter and ending with a letter or digit", "Services, pods and certificates carry the name");
        var longest = manifest.Spec.EnableReplicaConnectionPooler == true ? LongestNameWithReplicaPooler : LongestName;
        const string advice = "Pods and Services add to the name and are limited to 63 characters";
        if (name.Length > LongestPossibleName) findings.Error(path, name, "NameLength", $"must not be longer than {longest} characters", advice);
        else if (name.Length > longest) findings.ErrorIfNew(path, name, "NameLength", $"must not be longer than {longest} characters", advice);
        if (!settings.EnableTeamIdClusterNamePrefix) return;
        var team = manifest.Spec.TeamId ?? "";
        if (team.Length == 0 || name.Length < team.Length + 2 || !name.StartsWith(team + "-", StringComparison.OrdinalIgnoreCase))
            findings.ErrorIfNew(path, name, "TeamPrefix", $"must begin with the team and a dash (\"{team}-\"), because enable_team_id_clustername_prefix is on", "Rename the cluster or correct spec.teamId");
    }

    private static void CheckInstances(Postgresql manifest, OperatorSettings settings, FindingCollector findings)
    {
        const string path = "spec.numberOfInstances";
        var spec = manifest.Spec;
        switch (spec.NumberOfInstances)
        {
            case null:
                findings.Error(path, null, "Required", "is required", "Two or more make the cluster highly available");
                return;
            case < 0:
                findings.Error(path, $"{spec.NumberOfInstances}", "Instances", "must not be below 0", "0 stops the cluster");
                return;
        }
        var count = spec.NumberOfInstances.Value;
        var standby = CloneAndStandbyRules.IsStandby(spec);
        if (standby && count > 1) findings.Warn(path, $"{count}", "StandbyInstances", "is more than the one pod that a standby needs; further ones take no part in the source's failover", "Write 1 until the standby is promoted");
        if (HasAnnotation(manifest, settings.IgnoreInstanceLimitsAnnotationKey)) return;
        if (settings.MaxInstances >= 0 && count > settings.MaxInstances)
            findings.Warn(path, $"{count}", "InstanceLimits", $"is above the operator's max_instances, so {settings.MaxInstances} pods will run", "Lower it, or ask for the annotation that lifts the limit");
        if (settings.MinInstances > 0 && count < settings.MinInstances && !(standby && count == 1))
            findings.Warn(path, $"{count}", "InstanceLimits", $"is below the operator's min_instances, so {settings.MinInstances} pods will run", "Raise it, or ask for the annotation that lifts the limit");
    }

    /// <summary>Whether an annotation lifts a limit.</summary>
    internal static bool HasAnnotation(Postgresql manifest, string key) =>
        key.Length > 0 && manifest.Metadata.Annotations?.GetValueOrDefault(key) == "true";
}
