namespace Zalando.Postgres.Sdk.Resources.Configuration;

/// <summary>Human users and teams, with defaults filled in.</summary>
public sealed record TeamsApiSettings
{
    /// <summary>true queries the Teams API for members of the owning, additional and superuser teams. Flag -noteamsapi forces false.</summary>
    /// <value><c>false</c>; in a ConfigMap <c>true</c>.</value>
    public required bool EnableTeamsApi { get; init; }

    /// <summary>Base URL; requests go to <c>&lt;url&gt;/teams/&lt;teamId&gt;</c> with a Bearer token (trailing slashes removed).</summary>
    /// <value><c>https://teams.example.com/api/</c>.</value>
    public required string TeamsApiUrl { get; init; }

    /// <summary>Role settings (ALTER ROLE ... SET) for team members.</summary>
    /// <value><c>log_statement:all</c>.</value>
    public required IReadOnlyDictionary<string, string> TeamApiRoleConfiguration { get; init; }

    /// <summary>true gives SUPERUSER to members of the owning team.</summary>
    /// <value><c>false</c>.</value>
    public required bool EnableTeamSuperuser { get; init; }

    /// <summary>true creates manifest roles with <c>ADMIN &lt;team_admin_role&gt;</c>.</summary>
    /// <value><c>true</c>; <c>false</c> when the group is absent.</value>
    public required bool EnableAdminRoleForUsers { get; init; }

    /// <summary>Role granted to non-superuser team members and used as admin of manifest roles.</summary>
    /// <value><c>admin</c>; none when the group is absent.</value>
    public required string TeamAdminRole { get; init; }

    /// <summary>Group role of team members; env <c>HUMAN_ROLE</c>.</summary>
    /// <value><c>zalandos</c>.</value>
    public required string PamRoleName { get; init; }

    /// <summary>Env <c>PAM_OAUTH2</c> of Spilo.</summary>
    /// <value><c>https://info.example.com/oauth2/tokeninfo?access_token= uid realm=/employees</c>.</value>
    public required string PamConfiguration { get; init; }

    /// <summary>Names that manifest, team, infrastructure and pooler users cannot use (skipped with a warning).</summary>
    /// <value><c>admin,cron_admin</c>.</value>
    public required IReadOnlyList<string> ProtectedRoleNames { get; init; }

    /// <summary>Teams whose members become superusers in every cluster.</summary>
    /// <value>None.</value>
    public required IReadOnlyList<string> PostgresSuperuserTeams { get; init; }

    /// <summary>true loads and watches PostgresTeam objects.</summary>
    /// <value><c>true</c>; in a ConfigMap <c>false</c>; <c>false</c> when the group is absent.</value>
    public required bool EnablePostgresTeamCrd { get; init; }

    /// <summary>true honours <c>additionalSuperuserTeams</c> of PostgresTeam objects.</summary>
    /// <value><c>false</c>.</value>
    public required bool EnablePostgresTeamCrdSuperusers { get; init; }

    /// <summary>true renames roles of removed members with the suffix and revokes LOGIN; re-added members are renamed back.</summary>
    /// <value><c>false</c>.</value>
    public required bool EnableTeamMemberDeprecation { get; init; }

    /// <summary>Suffix for deprecated member roles.</summary>
    /// <value><c>_deleted</c>.</value>
    public required string RoleDeletionSuffix { get; init; }

    internal static TeamsApiSettings Read(TeamsApiParameters? parameters, SettingsReader reader)
    {
        reader = reader.Group(parameters is not null);
        return new()
        {
            EnableTeamsApi = reader.Flag("enable_teams_api", parameters?.EnableTeamsApi),
            TeamsApiUrl = reader.Text("teams_api_url", parameters?.TeamsApiUrl),
            TeamApiRoleConfiguration = reader.Map("team_api_role_configuration", parameters?.TeamApiRoleConfiguration),
            EnableTeamSuperuser = reader.Flag("enable_team_superuser", parameters?.EnableTeamSuperuser),
            EnableAdminRoleForUsers = reader.Flag("enable_admin_role_for_users", parameters?.EnableAdminRoleForUsers),
            TeamAdminRole = reader.Text("team_admin_role", parameters?.TeamAdminRole),
            PamRoleName = reader.Text("pam_role_name", parameters?.PamRoleName),
            PamConfiguration = reader.Text("pam_configuration", parameters?.PamConfiguration),
            ProtectedRoleNames = reader.Texts("protected_role_names", parameters?.ProtectedRoleNames),
            PostgresSuperuserTeams = reader.Texts("postgres_superuser_teams", parameters?.PostgresSuperuserTeams),
            EnablePostgresTeamCrd = reader.Flag("enable_postgres_team_crd", parameters?.EnablePostgresTeamCrd),
            EnablePostgresTeamCrdSuperusers = reader.Flag("enable_postgres_team_crd_superusers", parameters?.EnablePostgresTeamCrdSuperusers),
            EnableTeamMemberDeprecation = reader.Flag("enable_team_member_deprecation", parameters?.EnableTeamMemberDeprecation),
            RoleDeletionSuffix = reader.Text("role_deletion_suffix", parameters?.RoleDeletionSuffix),
        };
    }
}
