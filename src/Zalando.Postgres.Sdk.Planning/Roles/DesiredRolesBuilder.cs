using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;

namespace Zalando.Postgres.Sdk.Planning.Roles;

/// <summary>Collects roles of all origins in the order in which the reference does, with its rules of precedence.</summary>
internal sealed class DesiredRolesBuilder(Postgresql manifest, OperatorSettings settings, RoleInputs inputs)
{
    private readonly SortedDictionary<string, DesiredRole> _roles = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DesiredRole> _system = new(StringComparer.Ordinal);
    private readonly List<Finding> _findings = [];
    private readonly string _namespace = manifest.Metadata.Namespace ?? "default";
    private readonly string _cluster = manifest.Metadata.Name ?? "";
    private readonly List<string> _absent = [];
    private bool _teamsKnown = true;

    public DesiredRoles Build()
    {
        AddSystemUsers();
        AddInfrastructureRoles();
        AddPreparedDatabases();
        AddManifestUsers();
        AddTeams();
        AddAbsent();
        foreach (var role in _system.Values) _roles[role.Name] = role;
        AddOwnerRoles();
        TakeAwaySharedSecrets();
        return new()
        {
            Roles = _roles,
            Absent = _absent.Where(name => !_roles.ContainsKey(name)).Order(StringComparer.Ordinal).ToArray(),
            TeamsKnown = _teamsKnown,
            Findings = _findings,
        };
    }

    private void AddSystemUsers()
    {
        System("superuser", settings.Users.SuperUserName, RoleOrigin.System, RoleAttributes.NoLogin, "configuration.users.super_username");
        System("replication", settings.Users.ReplicationUserName, RoleOrigin.System, RoleAttributes.LoginOnly, "configuration.users.replication_username");
        if (PoolerNames.IsEnabled(manifest.Spec))
        {
            var name = PoolerNames.User(manifest.Spec, settings, out var refused);
            if (refused is not null) Warn("PoolerUser", "spec.connectionPooler.user", manifest.Spec.ConnectionPooler?.User, $"{refused}; \"{name}\" is used instead.");
            System("pooler", name, RoleOrigin.Pooler, RoleAttributes.LoginOnly, "spec.connectionPooler");
        }

        if (manifest.Spec.Streams is { Count: > 0 })
            System("streamer", DesiredRoles.StreamUser, RoleOrigin.Stream, RoleAttributes.LoginOnly with { Replication = true }, "spec.streams");
    }

    private void System(string key, string name, RoleOrigin origin, RoleAttributes attributes, string field)
    {
        var role = WithSecret(new() { Name = name, Origin = origin, FieldPath = field, Attributes = attributes, SystemKey = key }, _namespace);
        // One role cannot be two of them: they have different rights and different passwords.
        if (!_system.TryAdd(name, role)) Fail("SystemUserTwice", field, name, $"\"{name}\" is the {_system[name].SystemKey} user already. Give the {key} user another name.");
    }

    private void AddInfrastructureRoles()
    {
        const string field = "configuration.kubernetes.infrastructure_roles_secrets";
        foreach (var role in inputs.InfrastructureRoles)
        {
            if (!RoleName.IsUserName(role.Name) || RoleName.WhyNotARole(role.Name) is not null)
            {
                Fail("InvalidRoleName", field, role.Name, $"invalid username: '{role.Name}'. {NameRule(role.Name)}");
                continue;
            }

            if (IsTaken(role.Name, field)) continue;
            if (!RoleFlags.TryParse(role.Flags, out var attributes, out var error))
            {
                Fail("InvalidRoleFlags", field, role.Name, $"invalid flags for user \"{role.Name}\": {error}. Use superuser, createdb, createrole, inherit, login, replication, bypassrls, or no and one of them.");
                continue;
            }

            Add(WithSecret(
                new()
                {
                    Name = role.Name,
                    Origin = RoleOrigin.Infrastructure,
                    FieldPath = field,
                    Attributes = attributes,
                    MemberOf = Groups(role.MemberOf, field, role.Name),
                    AdminRole = role.AdminRole,
                    Settings = Settings(role.Settings, field, role.Name),
                    Password = role.Password,
                },
                _namespace));
        }
    }

    private void AddPreparedDatabases()
    {
        foreach (var (name, database) in PreparedDatabaseNames.Effective(manifest))
        {
            var field = $"spec.preparedDatabases[{name}]";
            if (!RoleName.IsDatabaseName(name))
            {
                Warn("InvalidDatabaseName", field, name, $"the database \"{name}\" and its roles are left out: a name of a prepared database has letters, digits and underscores and does not begin with a digit.");
                continue;
            }

            if (name is "template0" or "template1")
            {
                Warn("InvalidDatabaseName", field, name, $"the database \"{name}\" and its roles are left out: it belongs to PostgreSQL, and what is in it would be in every later database.");
                continue;
            }

            var space = _namespace;
            if (!string.IsNullOrEmpty(database.SecretNamespace) && database.SecretNamespace != _namespace)
            {
                if (settings.Kubernetes.EnableCrossNamespaceSecret) space = database.SecretNamespace;
                else Warn("SecretNamespace", field + ".secretNamespace", database.SecretNamespace, $"the Secrets stay in {_namespace}: set enable_cross_namespace_secret in the operator configuration to allow another namespace.");
            }

            foreach (var role in PreparedDatabaseRoles.Of(name, database, settings, Problem)) Place(role, space, field);
        }

        void Problem(string field, string value, string message) => Warn("InvalidSchemaName", field, value, message);
    }

    private void Place(DesiredRole role, string secretNamespace, string field)
    {
        if (RoleName.WhyNotARole(role.Name) is { } reason) Fail("InvalidRoleName", field, role.Name, $"the role \"{role.Name}\" cannot be made: {reason}. Choose a shorter name for the database or the schema.");
        else if (_system.ContainsKey(role.Name) || settings.TeamsApi.ProtectedRoleNames.Contains(role.Name, StringComparer.Ordinal))
            Fail("ProtectedRoleName", field, role.Name, $"the role \"{role.Name}\" of this database has the name of a system user or of a protected role. Give the database another name.");
        else Add(role.Attributes.Login ? WithSecret(role, secretNamespace) : role);
    }

    private void AddManifestUsers()
    {
        var owners = (manifest.Spec.Databases ?? new Dictionary<string, string>()).Values.ToHashSet(StringComparer.Ordinal);
        foreach (var (name, flags) in (manifest.Spec.Users ?? new Dictionary<string, IReadOnlyList<string>?>()).OrderBy(u => u.Key, StringComparer.Ordinal))
        {
            var field = $"spec.users[{name}]";
            if (!RoleName.IsUserName(name) || RoleName.WhyNotARole(name) is not null)
            {
                Fail("InvalidRoleName", field, name, $"invalid username: \"{name}\". {NameRule(name)}");
                continue;
            }

            if (IsTaken(name, field)) continue;
            if (!RoleFlags.TryParse(flags, out var attributes, out var error))
            {
                Fail("InvalidRoleFlags", field, flags is null ? null : string.Join(", ", flags), $"invalid flags for user \"{name}\": {error}. Use superuser, createdb, createrole, inherit, login, replication, bypassrls, or no and one of them.");
                continue;
            }

            var options = manifest.Spec.UserOptions?.GetValueOrDefault(name);
            if (string.Equals(options?.State, "absent", StringComparison.Ordinal))
            {
                _absent.Add(name);
                continue;
            }

            var dot = name.IndexOf('.', StringComparison.Ordinal);
            Add(WithSecret(
                new()
                {
                    Name = name,
                    Origin = RoleOrigin.Manifest,
                    FieldPath = field,
                    Attributes = attributes,
                    MemberOf = Groups(options?.MemberOf ?? [], $"spec.userOptions[{name}].memberOf", name),
                    AdminRole = settings.TeamsApi.EnableAdminRoleForUsers && settings.TeamsApi.TeamAdminRole.Length > 0 ? settings.TeamsApi.TeamAdminRole : null,
                    IsDatabaseOwner = owners.Contains(name),
                },
                settings.Kubernetes.EnableCrossNamespaceSecret && dot > 0 ? name[..dot] : _namespace));
        }
    }

    // Whoever is to go stands among the users no more. Roles of the system, and groups that the configuration gives to others, stay whatever a manifest says;
    // and while teams are not known, the role could be a member's.
    private void AddAbsent()
    {
        foreach (var (name, options) in manifest.Spec.UserOptions ?? new Dictionary<string, UserOptions>())
        {
            if (!string.Equals(options?.State, "absent", StringComparison.Ordinal) || manifest.Spec.Users?.ContainsKey(name) == true || !_teamsKnown) continue;
            var why = RoleName.WhyNotARole(name)
                ?? (_system.ContainsKey(name) ? "it belongs to a system user" : IsGroupOfConfiguration(name) ? "the operator configuration protects it, or makes others members of it" : null);
            if (why is null) _absent.Add(name);
            else Warn("ProtectedRoleName", $"spec.userOptions[{name}].state", name, $"the role \"{name}\" is not taken away: {why}.");
        }
    }

    private bool IsGroupOfConfiguration(string name) =>
        name == settings.TeamsApi.PamRoleName || name == settings.TeamsApi.TeamAdminRole
        || settings.TeamsApi.ProtectedRoleNames.Contains(name, StringComparer.Ordinal) || settings.Users.AdditionalOwnerRoles.Contains(name, StringComparer.Ordinal);

    private void AddTeams()
    {
        var teams = settings.TeamsApi;
        var owner = manifest.Spec.TeamId ?? "";
        if (owner.Length == 0 && settings.EnableTeamIdClusterNamePrefix) Fail("MissingTeam", "spec.teamId", null, "no teamId specified. The operator configuration demands one (enable_team_id_clustername_prefix).");
        var answered = !teams.EnableTeamsApi || (inputs.TeamMembers is not null && inputs.UnansweredTeams.Count == 0);
        _teamsKnown = answered && (!teams.EnablePostgresTeamCrd || inputs.PostgresTeamsObserved);
        if (!answered)
        {
            var which = inputs.UnansweredTeams.Count == 0 ? "" : $" about {string.Join(", ", inputs.UnansweredTeams.Select(t => $"\"{t}\""))}";
            if (inputs.TeamMembers is null && inputs.UnansweredTeams.Count == 0) Warn("TeamsUnknown", "spec.teamId", owner, "the team directory was not asked: its members get no roles here, and roles of persons are not taken away.");
            else Warn("TeamsUnknown", "spec.teamId", owner, $"the team directory gave no answer{which}: roles of persons are not taken away until it does.");
        }
        else if (!_teamsKnown) Inform("TeamsUnknown", "spec.teamId", owner, "the PostgresTeam objects are not known yet: roles of persons are not taken away until they are.");
        // A wrong address answers like this, too; nobody loses a role because of it.
        else if (teams is { EnableTeamsApi: true, EnableTeamMemberDeprecation: true } && inputs.TeamMembers is { Count: 0 })
        {
            _teamsKnown = false;
            Warn("TeamsUnknown", "spec.teamId", owner, "the team directory knows none of the teams of this cluster: roles of persons are not taken away. Check teams_api_url, or switch the Teams API off when all teams are PostgresTeam objects.");
        }
        foreach (var team in inputs.PostgresTeams.TeamsOfCluster(owner, settings))
        {
            var members = teams.EnablePostgresTeamCrd ? inputs.PostgresTeams.MembersOf(team.Team) : [];
            if (teams.EnableTeamsApi && inputs.TeamMembers is not null)
            {
                if (inputs.TeamMembers.TryGetValue(team.Team, out var known)) members = [.. members, .. known.Except(members, StringComparer.Ordinal)];
                else Inform("UnknownTeam", "spec.teamId", team.Team, $"the team directory does not know the team \"{team.Team}\"; only its additional members get roles.");
            }

            foreach (var member in members) AddMember(team, member);
        }
    }

    private void AddMember(ClusterTeam team, string member)
    {
        var field = $"team {team.Team}";
        if (RoleName.WhyNotARole(member) is { } reason)
        {
            Warn("InvalidTeamMember", field, member, $"the member is left out: {reason}.");
            return;
        }

        if (IsTaken(member, field)) return;
        var teams = settings.TeamsApi;
        var wasSuperuser = _roles.TryGetValue(member, out var other) && other is { Origin: RoleOrigin.Team, Attributes.Superuser: true };
        var superuser = team.Superusers || wasSuperuser;
        var groups = new List<string>();
        if (teams.PamRoleName.Length > 0) groups.Add(teams.PamRoleName);
        if (!superuser && teams.TeamAdminRole.Length > 0) groups.Add(teams.TeamAdminRole);
        Add(new()
        {
            Name = member,
            Origin = RoleOrigin.Team,
            FieldPath = field,
            Attributes = RoleAttributes.LoginOnly with { Superuser = superuser },
            MemberOf = groups,
            Settings = Settings(teams.TeamApiRoleConfiguration, "configuration.teams_api.team_api_role_configuration", member),
        });
    }

    private void AddOwnerRoles()
    {
        if (settings.Users.AdditionalOwnerRoles.Count == 0) return;
        foreach (var role in _roles.Values.Where(r => r.IsDatabaseOwner).ToArray())
        {
            var more = settings.Users.AdditionalOwnerRoles.Where(r => r.Length > 0 && r != role.Name).Except(role.MemberOf, StringComparer.Ordinal);
            _roles[role.Name] = role with { MemberOf = [.. role.MemberOf, .. more] };
        }
    }

    // Underscores become dashes in names of Secrets, so two roles can ask for one Secret: the first by name gets it.
    private void TakeAwaySharedSecrets()
    {
        var owners = new Dictionary<(string?, string?), string>();
        foreach (var role in _roles.Values.Where(r => r.HasSecret).ToArray())
        {
            if (owners.TryAdd((role.SecretNamespace, role.SecretName), role.Name)) continue;
            var owner = owners[(role.SecretNamespace, role.SecretName)];
            Warn("SharedSecret", role.FieldPath, role.SecretName, $"the roles \"{owner}\" and \"{role.Name}\" differ only in _ and - and would share the Secret {role.SecretNamespace}/{role.SecretName}; \"{role.Name}\" gets none. Give one of them another name.");
            _roles[role.Name] = role with { HasSecret = false, SecretName = null, SecretNamespace = null };
        }
    }

    private void Add(DesiredRole role)
    {
        if (!_roles.TryGetValue(role.Name, out var present) || role.Origin >= present.Origin) _roles[role.Name] = role;
        if (present is not null && present.Origin != role.Origin)
        {
            var (wins, loses) = role.Origin >= present.Origin ? (role, present) : (present, role);
            Inform("RoleDefinedTwice", loses.FieldPath, role.Name, $"the role \"{role.Name}\" is also defined by {wins.FieldPath}, which wins.");
        }
    }

    private bool IsTaken(string name, string field)
    {
        var system = _system.ContainsKey(name);
        if (!system && !settings.TeamsApi.ProtectedRoleNames.Contains(name, StringComparer.Ordinal)) return false;
        Warn("ProtectedRoleName", field, name, $"the role \"{name}\" is left out: the name belongs to a {(system ? "system user" : "protected role (protected_role_names)")}.");
        return true;
    }

    private DesiredRole WithSecret(DesiredRole role, string space) => role with
    {
        HasSecret = true,
        SecretNamespace = space,
        SecretName = SecretNameOf(role.Name, _cluster, settings.Kubernetes.SecretNameTemplate),
    };

    internal static string SecretNameOf(string role, string cluster, string template) => template
        .Replace("{username}", role.Replace('_', '-'), StringComparison.Ordinal)
        .Replace("{cluster}", cluster, StringComparison.Ordinal)
        .Replace("{tprkind}", "postgresql", StringComparison.Ordinal)
        .Replace("{tprgroup}", "acid.zalan.do", StringComparison.Ordinal);

    private List<string> Groups(IEnumerable<string> groups, string field, string role)
    {
        var result = new List<string>();
        foreach (var group in groups.Where(g => !string.IsNullOrEmpty(g)).Distinct(StringComparer.Ordinal))
        {
            if (RoleName.WhyNotAnIdentifier(group) is { } reason) Warn("InvalidMembership", field, group, $"\"{role}\" does not become a member: {reason}.");
            else if (group == role || _system.ContainsKey(group)) Warn("InvalidMembership", field, group, $"\"{role}\" does not become a member of {(group == role ? "itself" : "a system user")}.");
            else result.Add(group);
        }

        return result;
    }

    private Dictionary<string, string> Settings(IReadOnlyDictionary<string, string> values, string field, string role)
    {
        foreach (var (name, value) in values.Where(v => !Usable(v)))
            Warn("InvalidSetting", field, name, $"the setting is left out for \"{role}\": its name has to be words divided by dots, and its value may not hold U+0000.");
        return values.Where(Usable).ToDictionary(v => v.Key, v => v.Value, StringComparer.Ordinal);

        static bool Usable(KeyValuePair<string, string> setting) => SettingValue.IsName(setting.Key) && !setting.Value.Contains('\0', StringComparison.Ordinal);
    }

    private static string NameRule(string name) => RoleName.WhyNotARole(name) is { } reason && RoleName.IsUserName(name)
        ? char.ToUpperInvariant(reason[0]) + reason[1..] + "."
        : "Use lower-case letters, digits, - and _, beginning and ending with a letter or digit, in parts divided by dots.";

    private void Fail(string code, string field, string? value, string message) => Report(FindingSeverity.Error, code, field, value, message);

    private void Warn(string code, string field, string? value, string message) => Report(FindingSeverity.Warning, code, field, value, message);

    private void Inform(string code, string field, string? value, string message) => Report(FindingSeverity.Information, code, field, value, message);

    private void Report(FindingSeverity severity, string code, string field, string? value, string message)
    {
        var finding = new Finding { Severity = severity, Code = code, FieldPath = field, Value = value, Rule = message };
        if (!_findings.Contains(finding)) _findings.Add(finding);
    }
}
