using System.Text.Json;
using System.Text.Json.Serialization;

namespace Zalando.Postgres.Sdk.Resources.Configuration;

/// <summary>When clusters are upgraded to a newer major version, as written; null means not written.</summary>
public sealed record MajorVersionUpgradeParameters
{
    /// <summary><c>off</c>: no in-place upgrade except for allow-listed teams. <c>manual</c>: upgrade when the manifest version is raised. <c>full</c>: additionally clusters below <c>minimal_major_version</c> are moved to <c>target_major_version</c>. Any mode still rolls pods when the manifest version (PGVERSION env) changes.</summary>
    /// <value><c>manual</c>.</value>
    [JsonPropertyName("major_version_upgrade_mode")]
    public string? Mode { get; init; }

    /// <summary>Team ids for which upgrades run even in mode <c>off</c>.</summary>
    /// <value>None.</value>
    [JsonPropertyName("major_version_upgrade_team_allow_list")]
    public IReadOnlyList<string>? TeamAllowList { get; init; }

    /// <summary>Mode <c>full</c>: clusters whose version is lower get the target version.</summary>
    /// <value><c>14</c>.</value>
    [JsonPropertyName("minimal_major_version")]
    public string? MinimalMajorVersion { get; init; }

    /// <summary>Mode <c>full</c>: version given to clusters below the minimum (also used for <c>PGVERSION</c>).</summary>
    /// <value><c>18</c>.</value>
    [JsonPropertyName("target_major_version")]
    public string? TargetMajorVersion { get; init; }

    /// <summary>Fields that this version of the type does not know; kept as they came.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? UnknownFields { get; set; }
}
