using Zalando.Postgres.Sdk.Resources.Configuration;

namespace Zalando.Postgres.Sdk.Resources.Validation;

/// <summary>Name of the cluster, its team and its size.</summary>
internal static class NameRules
{
    // The StatefulSet controller adds a dash and a hash of up to ten characters to a label of at most 63.
    private const int LongestName = 52;

    // "<name>-pooler-repl" is a Service name of at most 63 characters.
    private const int LongestNameWithReplicaPooler = 51;

    internal static void Check(Postgresql manifest, OperatorSettings settings, FindingCollector findings)
    {
        var spec = manifest.Spec;
        CheckName(manifest, settings, findings);
        if (spec.TeamId is null) findings.Error("spec.teamId", null, "required", "is required", "Write the team that owns the cluster");
        else if (spec.TeamId.Length == 0) findings.Warn("spec.teamId", "", "team", "is empty, so no human user gets a login", "Write the team that owns the cluster");
        else if (!NamePatterns.LabelValue().IsMatch(spec.TeamId)) findings.Error("spec.teamId", spec.TeamId, "team", "must be a label value: at most 63 letters, digits, '-', '_' and '.', with a letter or digit at both ends", "Use the team's short name");
        CheckInstances(spec, settings, findings);
    }

    private static void CheckName(Postgresql manifest, OperatorSettings settings, FindingCollector findings)
    {
        const string path = "metadata.name";
        var name = manifest.Metadata.Name;
        if (string.IsNullOrEmpty(name))
        {
            if (string.IsNullOrEmpty(manifest.Metadata.GenerateName)) findings.Error(path, null, "required", "is required", "Name the cluster");
            return;
        }
        if (!NamePatterns.ServiceName().IsMatch(name))
            findings.Error(path, name, "name", "must be a Service name: lower-case letters, digits and '-', beginning with a letter and ending with a letter or digit", "Services, pods and certificates carry the name");
        var longest = manifest.Spec.EnableReplicaConnectionPooler == true ? LongestNameWithReplicaPooler : LongestName;
        if (name.Length > longest)
            findings.Error(path, name, "name-length", $"must not be longer than {longest} characters", "Pods and Services add to the name and are limited to 63 characters");
        if (!settings.EnableTeamIdClusterNamePrefix) return;
        var team = manifest.Spec.TeamId ?? "";
        if (team.Length == 0 || name.Length < team.Length + 2 || !name.StartsWith(team + "-", StringComparison.OrdinalIgnoreCase))
            findings.Error(path, name, "team-prefix", $"must begin with the team and a dash (\"{team}-\"), because enable_team_id_clustername_prefix is on", "Rename the cluster or correct spec.teamId");
    }

    private static void CheckInstances(PostgresqlSpec spec, OperatorSettings settings, FindingCollector findings)
    {
        const string path = "spec.numberOfInstances";
        switch (spec.NumberOfInstances)
        {
            case null:
                findings.Error(path, null, "required", "is required", "Two or more make the cluster highly available");
                return;
            case < 0:
                findings.Error(path, $"{spec.NumberOfInstances}", "instances", "must not be below 0", "0 stops the cluster");
                return;
        }
        var count = spec.NumberOfInstances.Value;
        if (settings.MaxInstances >= 0 && count > settings.MaxInstances)
            findings.Warn(path, $"{count}", "instance-limits", $"is above the operator's max_instances, so {settings.MaxInstances} pods will run", "Lower it, or ask for the annotation that lifts the limit");
        if (settings.MinInstances > 0 && count < settings.MinInstances && !(spec.Standby is not null && count == 1))
            findings.Warn(path, $"{count}", "instance-limits", $"is below the operator's min_instances, so {settings.MinInstances} pods will run", "Raise it, or ask for the annotation that lifts the limit");
    }
}
