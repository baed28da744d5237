using Zalando.Postgres.Sdk.Resources.Configuration;

namespace Zalando.Postgres.Sdk.Resources.Validation;

/// <summary>Roles and the rotation of their passwords.</summary>
internal static class UserRules
{
    internal static void Check(Postgresql manifest, OperatorSettings settings, FindingCollector findings)
    {
        var spec = manifest.Spec;
        var users = spec.Users ?? new Dictionary<string, IReadOnlyList<string>?>();
        var secrets = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, flags) in users.OrderBy(static u => u.Key, StringComparer.Ordinal))
        {
            CheckName($"spec.users.{name}", name, spec, settings, findings);
            CheckFlags($"spec.users.{name}", flags, findings);
            var secret = name.Replace('_', '-');
            if (!secrets.TryAdd(secret, name))
                findings.ErrorIfNew($"spec.users.{name}", null, "SecretCollision", $"gets the same Secret as {secrets[secret]}, because '_' becomes '-' in Secret names", "Rename one of the two");
        }
        CheckRotation(spec, users, settings, findings);
        CheckOptions(spec, users, findings);
    }

    private static void CheckName(string path, string name, PostgresqlSpec spec, OperatorSettings settings, FindingCollector findings)
    {
        const string rule = "must be at most 63 lower-case letters, digits, '-', '_' and single dots, beginning and ending with a letter or digit";
        if (!NamePatterns.RoleName().IsMatch(name)) findings.Error(path, name, "RoleName", rule, "Rename the role");
        else if (name.Length > NamePatterns.LongestIdentifier) findings.ErrorIfNew(path, name, "RoleName", rule, "Rename the role");
        if (settings.TeamsApi.ProtectedRoleNames.Contains(name, StringComparer.Ordinal))
            findings.Warn(path, name, "RoleProtected", "is a protected role name and is skipped", "Rename the role");
        var pooler = spec.EnableReplicaConnectionPooler == true || (spec.EnableConnectionPooler ?? spec.ConnectionPooler is not null);
        if (name == settings.Users.SuperUserName || name == settings.Users.ReplicationUserName || (name == "fes_user" && spec.Streams is { Count: > 0 })
            || (pooler && name == (spec.ConnectionPooler?.User ?? settings.ConnectionPooler.User)))
            findings.Warn(path, name, "RoleSystem", "belongs to the operator and is skipped", "Rename the role");
        if (name.StartsWith("pg_", StringComparison.Ordinal)) findings.ErrorIfNew(path, name, "RoleReserved", "must not begin with pg_, which PostgreSQL keeps for itself", "Rename the role");
        if (name.Contains('.', StringComparison.Ordinal) && !settings.Kubernetes.EnableCrossNamespaceSecret)
            findings.Inform(path, name, "RoleNamespace", "names a namespace only with enable_cross_namespace_secret; here the whole text is the role's name and the Secret stays in the cluster's namespace", "Leave out the part before the dot if that was not meant");
    }

    private static void CheckFlags(string path, IReadOnlyList<string>? flags, FindingCollector findings)
    {
        if (flags is null)
        {
            findings.Warn(path, null, "NullUser", "has no list of flags; the reference operator's API server drops such a role without a word", "Write [] for a role without flags");
            return;
        }
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < flags.Count; i++)
        {
            var flag = flags[i] ?? "";
            if (!RoleFlags.All.Contains(flag, StringComparer.Ordinal))
            {
                findings.Error($"{path}[{i}]", flag, "RoleFlag", "must be one of bypassrls, createdb, createrole, inherit, login, replication, superuser, or one of these with no in front, all lower or all upper case", "Check the spelling");
                continue;
            }
            var word = flag.ToLowerInvariant();
            if (!seen.Add(word)) findings.Warn($"{path}[{i}]", flag, "RoleFlag", "is written twice", "Delete one");
            var opposite = word.StartsWith("no", StringComparison.Ordinal) ? word[2..] : "no" + word;
            if (seen.Contains(opposite)) findings.Error($"{path}[{i}]", flag, "RoleFlag", $"contradicts {opposite}", "Delete one of the two");
        }
    }

    private static void CheckRotation(PostgresqlSpec spec, IReadOnlyDictionary<string, IReadOnlyList<string>?> users, OperatorSettings settings, FindingCollector findings)
    {
        var lists = new[]
        {
            ("usersIgnoringSecretRotation", spec.UsersIgnoringSecretRotation), ("usersWithSecretRotation", spec.UsersWithSecretRotation), ("usersWithInPlaceSecretRotation", spec.UsersWithInPlaceSecretRotation),
        };
        var known = new HashSet<string>(users.Keys, StringComparer.Ordinal) { settings.Users.SuperUserName, settings.Users.ReplicationUserName, spec.ConnectionPooler?.User ?? settings.ConnectionPooler.User };
        foreach (var prepared in spec.PreparedDatabases ?? new Dictionary<string, PreparedDatabase?>()) known.UnionWith(PreparedRoles.LoginsOf(prepared.Key, prepared.Value));
        var places = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (list, names) in lists)
        {
            for (var i = 0; i < (names?.Count ?? 0); i++)
            {
                var name = names![i] ?? "";
                if (!known.Contains(name)) findings.Warn($"spec.{list}[{i}]", name, "RotationUser", "is no role of this manifest", "Check the spelling");
                if (!places.TryAdd(name, list)) findings.Warn($"spec.{list}[{i}]", name, "RotationUser", $"stands in {places[name]} too", "One way of rotation per role");
                if (list == "usersWithSecretRotation" && name == settings.Users.SuperUserName)
                    findings.ErrorIfNew($"spec.{list}[{i}]", name, "RotationUser", "must not be the superuser, whose name must stay", "Move it to usersWithInPlaceSecretRotation");
            }
        }
    }

    private static void CheckOptions(PostgresqlSpec spec, IReadOnlyDictionary<string, IReadOnlyList<string>?> users, FindingCollector findings)
    {
        foreach (var (name, options) in spec.UserOptions ?? new Dictionary<string, UserOptions>())
        {
            var path = $"spec.userOptions.{name}";
            if (options is null) continue;
            if (!users.ContainsKey(name) && options.State != "absent") findings.Warn(path, null, "UserOptions", "is no role of spec.users", "Add the role, or delete the entry");
            if (options.State is not (null or "present" or "absent")) findings.Error($"{path}.state", options.State, "UserOptions", "must be present or absent", "Check the spelling");
            if (options.State == "absent" && users.ContainsKey(name)) findings.Error($"{path}.state", "absent", "UserOptions", "contradicts spec.users, which asks for the role", "Delete the role from spec.users");
            if (options.State == "absent" && (spec.Databases?.Values.Contains(name, StringComparer.Ordinal) ?? false)) findings.Error($"{path}.state", "absent", "UserOptions", "contradicts spec.databases, where the role owns a database", "Give the database another owner first");
            for (var i = 0; i < (options.MemberOf?.Count ?? 0); i++)
            {
                var group = options.MemberOf![i];
                if (string.IsNullOrEmpty(group) || System.Text.Encoding.UTF8.GetByteCount(group) > NamePatterns.LongestIdentifier) findings.Error($"{path}.memberOf[{i}]", group, "RoleName", "must be a role name of at most 63 bytes", "Check the spelling");
                else if (group == name) findings.Error($"{path}.memberOf[{i}]", group, "UserOptions", "must not be the role itself", "Delete the line");
            }
        }
    }
}
