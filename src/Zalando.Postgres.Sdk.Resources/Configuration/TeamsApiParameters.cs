using System.Text.Json;
using System.Text.Json.Serialization;

namespace Zalando.Postgres.Sdk.Resources.Configuration;

/// <summary>Human users and teams, as written; null means not written.</summary>
public sealed record TeamsApiParameters
{
    /// <summary>true queries the Teams API for members of the owning, additional and superuser teams. Flag -noteamsapi forces false.</summary>
    /// <value><c>false</c>; in a ConfigMap <c>true</c>.</value>
    [JsonPropertyName("enable_teams_api")]
    public bool? EnableTeamsApi { get; init; }

    /// <summary>Base URL; requests go to <c>&lt;url&gt;/teams/&lt;teamId&gt;</c> with a Bearer token (trailing slashes removed).</summary>
    /// <value><c>https://teams.example.com/api/</c>.</value>
    [JsonPropertyName("teams_api_url")]
    public string? TeamsApiUrl { get; init; }

    /// <summary>Role settings (ALTER ROLE ... SET) for team members.</summary>
    /// <value><c>log_statement:all</c>.</value>
    [JsonPropertyName("team_api_role_configuration")]
    public IReadOnlyDictionary<string, string>? TeamApiRoleConfiguration { get; init; }

    /// <summary>true gives SUPERUSER to members of the owning team.</summary>
    /// <value><c>false</c>.</value>
    [JsonPropertyName("enable_team_superuser")]
    public bool? EnableTeamSuperuser { get; init; }

    /// <summary>true creates manifest roles with <c>ADMIN &lt;team_admin_role&gt;</c>.</summary>
    /// <value><c>true</c>; <c>false</c> when the group is absent.</value>
    [JsonPropertyName("enable_admin_role_for_users")]
    public bool? EnableAdminRoleForUsers { get; init; }

    /// <summary>Role granted to non-superuser team members and used as admin of manifest roles.</summary>
    /// <value><c>admin</c>; none when the group is absent.</value>
    [JsonPropertyName("team_admin_role")]
    public string? TeamAdminRole { get; init; }

    /// <summary>Group role of team members; env <c>HUMAN_ROLE</c>.</summary>
    /// <value><c>zalandos</c>.</value>
    [JsonPropertyName("pam_role_name")]
    public string? PamRoleName { get; init; }

    /// <summary>Env <c>PAM_OAUTH2</c> of Spilo.</summary>
    /// <value><c>https://info.example.com/oauth2/tokeninfo?access_token= uid realm=/employees</c>.</value>
    [JsonPropertyName("pam_configuration")]
    public string? PamConfiguration { get; init; }

    /// <summary>Names that manifest, team, infrastructure and pooler users cannot use (skipped with a warning).</summary>
    /// <value><c>admin,cron_admin</c>.</value>
    [JsonPropertyName("protected_role_names")]
    public IReadOnlyList<string>? ProtectedRoleNames { get; init; }

    /// <summary>Teams whose members become superusers in every cluster.</summary>
    /// <value>None.</value>
    [JsonPropertyName("postgres_superuser_teams")]
    public IReadOnlyList<string>? PostgresSuperuserTeams { get; init; }

    /// <summary>true loads and watches PostgresTeam objects.</summary>
    /// <value><c>true</c>; in a ConfigMap <c>false</c>; <c>false</c> when the group is absent.</value>
    [JsonPropertyName("enable_postgres_team_crd")]
    public bool? EnablePostgresTeamCrd { get; init; }

    /// <summary>true honours <c>additionalSuperuserTeams</c> of PostgresTeam objects.</summary>
    /// <value><c>false</c>.</value>
    [JsonPropertyName("enable_postgres_team_crd_superusers")]
    public bool? EnablePostgresTeamCrdSuperusers { get; init; }

    /// <summary>true renames roles of removed members with the suffix and revokes LOGIN; re-added members are renamed back.</summary>
    /// <value><c>false</c>.</value>
    [JsonPropertyName("enable_team_member_deprecation")]
    public bool? EnableTeamMemberDeprecation { get; init; }

    /// <summary>Suffix for deprecated member roles.</summary>
    /// <value><c>_deleted</c>.</value>
    [JsonPropertyName("role_deletion_suffix")]
    public string? RoleDeletionSuffix { get; init; }

    /// <summary>Fields that this version of the type does not know; kept as they came.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? UnknownFields { get; set; }
}
