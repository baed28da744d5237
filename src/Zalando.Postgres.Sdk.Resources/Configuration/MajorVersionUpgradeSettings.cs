namespace Zalando.Postgres.Sdk.Resources.Configuration;

/// <summary>When clusters are upgraded to a newer major version, with defaults filled in.</summary>
public sealed record MajorVersionUpgradeSettings
{
    /// <summary><c>off</c>: no in-place upgrade except for allow-listed teams. <c>manual</c>: upgrade when the manifest version is raised. <c>full</c>: additionally clusters below <c>minimal_major_version</c> are moved to <c>target_major_version</c>. Any mode still rolls pods when the manifest version (PGVERSION env) changes.</summary>
    /// <value><c>manual</c>.</value>
    public required string Mode { get; init; }

    /// <summary>Team ids for which upgrades run even in mode <c>off</c>.</summary>
    /// <value>None.</value>
    public required IReadOnlyList<string> TeamAllowList { get; init; }

    /// <summary>Mode <c>full</c>: clusters whose version is lower get the target version.</summary>
    /// <value><c>14</c>.</value>
    public required string MinimalMajorVersion { get; init; }

    /// <summary>Mode <c>full</c>: version given to clusters below the minimum (also used for <c>PGVERSION</c>).</summary>
    /// <value><c>18</c>.</value>
    public required string TargetMajorVersion { get; init; }

    internal static MajorVersionUpgradeSettings Read(MajorVersionUpgradeParameters? parameters, SettingsReader reader)
    {
        reader = reader.Group(parameters is not null);
        return new()
        {
            Mode = reader.Text("major_version_upgrade_mode", parameters?.Mode),
            TeamAllowList = reader.Texts("major_version_upgrade_team_allow_list", parameters?.TeamAllowList),
            MinimalMajorVersion = reader.Text("minimal_major_version", parameters?.MinimalMajorVersion),
            TargetMajorVersion = reader.Text("target_major_version", parameters?.TargetMajorVersion),
        };
    }
}
