using Zalando.Postgres.Sdk.Resources.Configuration;

namespace Zalando.Postgres.Sdk.Resources.Validation;

/// <summary>What the schema cannot say about a cluster: rules over several fields, over the operator's configuration, and what PostgreSQL, Patroni or Kubernetes will refuse later. Needs no connection.</summary>
public static class PostgresqlValidator
{
    /// <summary>Checks a manifest.</summary>
    /// <param name="manifest">The manifest.</param>
    /// <param name="configuration">The operator's configuration.</param>
    /// <returns>Everything found, in the order of the manifest's sections; empty when all is well.</returns>
    /// <exception cref="InvalidOperatorConfigurationException">The configuration itself cannot be used.</exception>
    public static IReadOnlyList<Finding> Validate(Postgresql manifest, OperatorConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        return Validate(manifest, OperatorSettings.From(configuration));
    }

    /// <summary>Checks a manifest.</summary>
    /// <param name="manifest">The manifest.</param>
    /// <param name="settings">The operator's settings.</param>
    /// <returns>Everything found, in the order of the manifest's sections; empty when all is well.</returns>
    public static IReadOnlyList<Finding> Validate(Postgresql manifest, OperatorSettings settings)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        ArgumentNullException.ThrowIfNull(settings);
        var findings = new FindingCollector();
        if (ReferenceEquals(manifest.Spec, PostgresqlSpec.Empty))
        {
            findings.Error("spec", null, "Required", "is required", "Write at least teamId, numberOfInstances, postgresql.version and volume.size");
            return findings.Findings;
        }
        NameRules.Check(manifest, settings, findings);
        VersionAndParameterRules.Check(manifest.Spec, settings, findings);
        VolumeRules.Check(manifest.Spec, settings, findings);
        PatroniRules.Check(manifest.Spec, findings);
        ResourceRules.Check(manifest, settings, findings);
        MaintenanceRules.Check(manifest.Spec, findings);
        ServiceRules.Check(manifest.Spec, settings, findings);
        UserRules.Check(manifest, settings, findings);
        DatabaseRules.Check(manifest, settings, findings);
        PodRules.Check(manifest.Spec, settings, findings);
        PoolerRules.Check(manifest.Spec, settings, findings);
        CloneAndStandbyRules.Check(manifest, settings, findings);
        BackupRules.Check(manifest.Spec, settings, findings);
        StreamRules.Check(manifest.Spec, findings);
        return findings.Findings;
    }
}
