using System.Text;
using Zalando.Postgres.Sdk.Planning.Roles;
using Zalando.Postgres.Sdk.Resources.Configuration;

namespace Zalando.Postgres.Sdk.Planning.Databases;

/// <summary>Plans roles, their attributes, passwords, settings and memberships.</summary>
internal sealed class RolePlanner(DesiredRoles roles, ObservedServer observed, OperatorSettings settings, PasswordEncryption encryption, ChangeList changes)
{
    /// <summary>Comment of roles that were made for members of teams; only those are deprecated when their persons leave.</summary>
    public const string TeamMemberMark = "postgres-operator: team member";

    private const string Maintenance = "postgres";

    private readonly HashSet<string> _renamed = new(StringComparer.Ordinal);

    public void Plan()
    {
        foreach (var role in roles.Roles.Values) PlanRole(role);
        RevokeInverseGrants();
        foreach (var role in roles.Roles.Values) PlanGrants(role);
        if (settings.TeamsApi.EnableTeamMemberDeprecation && roles.TeamsKnown) DeprecateFormerMembers();
        foreach (var name in roles.Absent) Remove(name);
    }

    private void PlanRole(DesiredRole role)
    {
        var requester = RequesterOf(role.Origin);
        if (!observed.Roles.TryGetValue(role.Name, out var present))
        {
            if (role.SystemKey == "superuser")
            {
                changes.Find(FindingSeverity.Warning, "MissingSuperuser", role.FieldPath, role.Name, $"the super user \"{role.Name}\" does not exist on the server. It is made when a cluster is made; the configuration has to name the one that exists.");
                return;
            }

            present = Restored(role, requester) ?? Create(role, requester);
        }

        // The image gives system users what they need; only their passwords are ours.
        // Whether somebody is still in a team of super users is not known while a team is not.
        var attributes = role.Origin == RoleOrigin.Team && !roles.TeamsKnown && present.Attributes.Superuser ? role.Attributes with { Superuser = true } : role.Attributes;
        if (role.Origin != RoleOrigin.System && attributes.WordsMissingFrom(present.Attributes) is { Count: > 0 } words)
        {
            var now = present.Attributes.WordsMissingFrom(attributes);
            changes.Add(new AlterRole { Database = Maintenance, Role = role.Name, Attributes = attributes, Present = present.Attributes },
                $"{role.FieldPath}.flags", string.Join(' ', now), string.Join(' ', words), requester, "the role has other attributes than its definition");
        }

        if (role.Password is { } password && !ReferenceEquals(present.StoredPassword, password)
            && !StoredPassword.Matches(present.StoredPassword, role.Name, password, encryption)
            && (role.NextPassword is not { } next || !StoredPassword.Matches(present.StoredPassword, role.Name, next, encryption)))
        {
            changes.Add(new SetRolePassword { Database = Maintenance, Role = role.Name, Password = password, Encryption = encryption },
                role.FieldPath, "***", "***", requester, WhyPassword(role, present));
        }

        foreach (var (name, value) in role.Settings.OrderBy(s => s.Key, StringComparer.Ordinal))
        {
            var stored = present.Settings.FirstOrDefault(s => string.Equals(s.Key, name, StringComparison.OrdinalIgnoreCase)).Value;
            if (SettingValue.Same(name, value, stored)) continue;
            changes.Add(new SetRoleSetting { Database = Maintenance, Role = role.Name, Name = name, Values = SettingValue.Parse(name, value) },
                $"{role.FieldPath}.{name}", stored, value, requester);
        }

        if (role.RotationOf is { } model) TakeOverSettings(role, model, present);
        if (role.RotationOf is { } original && string.IsNullOrEmpty(present.Comment))
            changes.Add(new CommentOnRole { Database = Maintenance, Role = role.Name, Comment = RotatedRolePlanner.MarkOf(original) }, role.FieldPath, null, RotatedRolePlanner.MarkOf(original), Requester.Operator, "marks the dated role of a rotation");
        if (role.Origin == RoleOrigin.Team && settings.TeamsApi.EnableTeamMemberDeprecation && string.IsNullOrEmpty(present.Comment))
            changes.Add(new CommentOnRole { Database = Maintenance, Role = role.Name, Comment = TeamMemberMark }, role.FieldPath, null, TeamMemberMark, Requester.Operator, "marks the role of a team member");
    }

    // An application finds with its new login what was set for the old one, by hand too.
    private void TakeOverSettings(DesiredRole role, string model, ObservedRole present)
    {
        if (!observed.Roles.TryGetValue(model, out var source)) return;
        foreach (var (name, value) in source.Settings.OrderBy(s => s.Key, StringComparer.Ordinal))
        {
            if (role.Settings.Keys.Concat(present.Settings.Keys).Contains(name, StringComparer.OrdinalIgnoreCase)) continue;
            changes.Add(new SetRoleSetting { Database = Maintenance, Role = role.Name, Name = name, Values = SettingValue.Parse(name, value) },
                $"{role.FieldPath}.{name}", null, value, Requester.ClusterState, $"\"{model}\" has the setting");
        }
    }

    private string WhyPassword(DesiredRole role, ObservedRole present)
    {
        var source = role.Origin == RoleOrigin.Infrastructure ? "the Secret of the infrastructure role" : $"the Secret of the role";
        if (present.StoredPassword is null) return $"the role has no password, {source} has one";
        var md5 = present.StoredPassword.Reveal().StartsWith("md5", StringComparison.Ordinal);
        return md5 == (encryption == PasswordEncryption.Md5)
            ? $"the stored password is not that of {source}"
            : $"the password is stored as {(md5 ? "md5" : "scram-sha-256")}, the cluster keeps {(md5 ? "scram-sha-256" : "md5")}";
    }

    private ObservedRole Create(DesiredRole role, Requester requester)
    {
        var attributes = role.SystemKey == "replication" ? role.Attributes with { Replication = true } : role.Attributes;
        changes.Add(new CreateRole { Database = Maintenance, Role = role.Name, Attributes = attributes, Password = role.Password, Encryption = encryption },
            role.FieldPath, null, role.Name, requester, role.RotationOf is null ? "the role does not exist" : $"dated role of the rotation of \"{role.RotationOf}\"");
        return new() { Name = role.Name, Attributes = attributes, StoredPassword = role.Password };
    }

    // A member who comes back gets the old role with all it owns.
    private ObservedRole? Restored(DesiredRole role, Requester requester)
    {
        if (role.Origin != RoleOrigin.Team || !settings.TeamsApi.EnableTeamMemberDeprecation) return null;
        var former = role.Name + settings.TeamsApi.RoleDeletionSuffix;
        if (settings.TeamsApi.RoleDeletionSuffix.Length == 0 || !observed.Roles.TryGetValue(former, out var present) || present.Attributes.Login || roles.Roles.ContainsKey(former)) return null;
        changes.Add(new RenameRole { Database = Maintenance, Role = former, NewName = role.Name }, role.FieldPath, former, role.Name, requester, "the person is a member again");
        _renamed.Add(former);
        return present with { Name = role.Name };
    }

    private void PlanGrants(DesiredRole role)
    {
        foreach (var grant in role.Grants)
        {
            if (observed.Grants.Contains(grant) || (!grant.WithAdmin && observed.Grants.Contains(grant with { WithAdmin = true }))) continue;
            var other = grant.Role == role.Name ? grant.Member : grant.Role;
            if (!Exists(other))
            {
                changes.Find(FindingSeverity.Warning, "MissingRole", role.FieldPath, other, $"\"{grant.Role}\" cannot be granted to \"{grant.Member}\": the role \"{other}\" does not exist on the server. Create it, or take it out of the definition.");
                continue;
            }

            changes.Add(new GrantRole { Database = Maintenance, Role = grant.Role, Member = grant.Member, WithAdmin = grant.WithAdmin },
                $"{role.FieldPath}.memberships", null, grant.ToString(), RequesterOf(role.Origin));
        }
    }

    // PostgreSQL refuses memberships in a circle, also over several roles: those that go the wrong way round go before anything is granted.
    private void RevokeInverseGrants()
    {
        var wanted = roles.Roles.Values.SelectMany(r => r.Grants.Select(g => (Grant: g, r.FieldPath))).ToArray();
        var directions = wanted.Select(w => (w.Grant.Role, w.Grant.Member)).ToHashSet();
        foreach (var inverse in observed.Grants.Where(g => directions.Contains((g.Member, g.Role)) && !directions.Contains((g.Role, g.Member))).OrderBy(g => g.ToString(), StringComparer.Ordinal))
        {
            var field = wanted.First(w => w.Grant.Role == inverse.Member && w.Grant.Member == inverse.Role).FieldPath;
            changes.Add(new RevokeRole { Database = Maintenance, Role = inverse.Role, Member = inverse.Member }, field, inverse.ToString(), null, Requester.ClusterState, "the membership goes the wrong way round");
        }
    }

    private void DeprecateFormerMembers()
    {
        var suffix = settings.TeamsApi.RoleDeletionSuffix;
        foreach (var role in observed.Roles.Values.Where(r => r.Comment == TeamMemberMark && !roles.Roles.ContainsKey(r.Name) && !_renamed.Contains(r.Name)).OrderBy(r => r.Name, StringComparer.Ordinal))
        {
            var deprecated = suffix.Length > 0 && role.Name.EndsWith(suffix, StringComparison.Ordinal) && !role.Attributes.Login;
            if (deprecated || settings.TeamsApi.ProtectedRoleNames.Contains(role.Name, StringComparer.Ordinal)) continue;
            var without = role.Attributes with { Login = false, Superuser = false };
            if (without != role.Attributes)
                changes.Add(new AlterRole { Database = Maintenance, Role = role.Name, Attributes = without, Present = role.Attributes }, "teams", role.Attributes.ToString(), without.ToString(), Requester.Team, "the person is no member of a team of this cluster any more");
            var name = role.Name + suffix;
            if (suffix.Length == 0) continue;
            if (observed.Roles.ContainsKey(name) || Encoding.UTF8.GetByteCount(name) > RoleName.MaximumBytes)
                changes.Find(FindingSeverity.Warning, "RenameFormerMember", "teams", role.Name, $"the role of the former member \"{role.Name}\" cannot log in any more but keeps its name: \"{name}\" {(observed.Roles.ContainsKey(name) ? "exists already" : "is too long")}.");
            else changes.Add(new RenameRole { Database = Maintenance, Role = role.Name, NewName = name }, "teams", role.Name, name, Requester.Team, "the person is no member of a team of this cluster any more");
        }
    }

    private void Remove(string name)
    {
        var field = $"spec.userOptions[{name}].state";
        if (!observed.Roles.TryGetValue(name, out var role)) return;
        if (role.Attributes.Login)
        {
            var without = role.Attributes with { Login = false, Superuser = false };
            changes.Add(new AlterRole { Database = Maintenance, Role = name, Attributes = without, Present = role.Attributes }, field, role.Attributes.ToString(), without.ToString(), Requester.Manifest, "the role is declared absent");
        }

        if (role.Dependencies == 0) changes.Add(new DropRole { Database = Maintenance, Role = name }, field, name, null, Requester.Manifest, "the role is declared absent and owns nothing", Reversibility.Irreversible);
        else changes.Find(FindingSeverity.Warning, "RoleInUse", field, name, $"the role \"{name}\" cannot log in any more but stays: {role.Dependencies} objects belong to it or name it in their privileges. Give them away with REASSIGN OWNED and DROP OWNED.");
    }

    private bool Exists(string role) => observed.Roles.ContainsKey(role) || observed.SystemRoles.Contains(role) || roles.Roles.ContainsKey(role);

    internal static Requester RequesterOf(RoleOrigin origin) => origin switch
    {
        RoleOrigin.Infrastructure => Requester.OperatorConfiguration,
        RoleOrigin.Team => Requester.Team,
        RoleOrigin.System => Requester.Operator,
        _ => Requester.Manifest,
    };
}
