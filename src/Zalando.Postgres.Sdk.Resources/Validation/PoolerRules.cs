using Zalando.Postgres.Sdk.Resources.Configuration;

namespace Zalando.Postgres.Sdk.Resources.Validation;

/// <summary>PgBouncer.</summary>
internal static class PoolerRules
{
    internal static void Check(PostgresqlSpec spec, OperatorSettings settings, FindingCollector findings)
    {
        const string path = "spec.connectionPooler";
        if (spec.ConnectionPooler is not { } pooler) return;
        if (spec.EnableConnectionPooler == false && spec.EnableReplicaConnectionPooler != true)
            findings.Inform(path, null, "PoolerOff", "has no effect, because both poolers are switched off", "Write enableConnectionPooler: true to use it");
        if (pooler.NumberOfInstances is < 1) findings.ErrorIfNew($"{path}.numberOfInstances", $"{pooler.NumberOfInstances}", "PoolerInstances", "must be 1 or more", "Write enableConnectionPooler: false to have no pooler");
        else if (pooler.NumberOfInstances == 1) findings.Warn($"{path}.numberOfInstances", "1", "PoolerInstances", "lets all connections break when its node is drained", "Write 2");
        if (pooler.Mode is not (null or "session" or "transaction")) findings.Error($"{path}.mode", pooler.Mode, "PoolerMode", "must be session or transaction", "transaction serves most clients with few connections; session is needed for session state");
        if (pooler.User is { } user)
        {
            if (user == settings.Users.SuperUserName) findings.ErrorIfNew($"{path}.user", user, "PoolerUser", "must not be the superuser", "Delete the line to get the operator's pooler role");
            else if (settings.TeamsApi.ProtectedRoleNames.Contains(user, StringComparer.Ordinal) || user == settings.Users.ReplicationUserName) findings.ErrorIfNew($"{path}.user", user, "PoolerUser", "belongs to somebody else", "Delete the line to get the operator's pooler role");
            else if (!NamePatterns.RoleName().IsMatch(user) || user.Length > NamePatterns.LongestIdentifier) findings.ErrorIfNew($"{path}.user", user, "RoleName", "must be at most 63 lower-case letters, digits, '-', '_' and single dots", "Delete the line to get the operator's pooler role");
            else if (spec.Users?.ContainsKey(user) == true) findings.Warn($"{path}.user", user, "PoolerUser", "is a role of spec.users too", "Give the pooler a role of its own");
        }
        if (pooler.Schema is { } schema && !NamePatterns.DatabaseName().IsMatch(schema)) findings.ErrorIfNew($"{path}.schema", schema, "SchemaName", "must be letters, digits and '_', not beginning with a digit", "Delete the line to get the operator's schema");
        var instances = pooler.NumberOfInstances ?? settings.ConnectionPooler.NumberOfInstances;
        if (pooler.MaxDbConnections is { } connections && connections < instances) findings.ErrorIfNew($"{path}.maxDBConnections", $"{connections}", "PoolerConnections", $"must be at least the number of pooler pods ({instances}), among which it is divided", "60 is the default");
        CheckAdditions(path, pooler, spec, findings);
    }

    private static void CheckAdditions(string path, ConnectionPoolerSection pooler, PostgresqlSpec spec, FindingCollector findings)
    {
        foreach (var (name, value) in pooler.Parameters ?? new Dictionary<string, string>())
        {
            if (!PoolerSettings.IsName(name)) findings.Error($"{path}.parameters.{name}", value, "PoolerParameter", "is no setting of PgBouncer", "Check the spelling");
            else if (PoolerSettings.IsOwn(name)) findings.Error($"{path}.parameters.{name}", null, "PoolerParameter", "is set by the operator", "Delete the line");
            else if (!PoolerSettings.IsOneLine(value)) findings.Error($"{path}.parameters.{name}", null, "PoolerParameter", "must be one line of text", "Write the value in quotes");
        }
        foreach (var (name, limits) in pooler.Users ?? new Dictionary<string, PoolerUser?>())
        {
            if (!PoolerSettings.IsUserName(name)) findings.ErrorIfNew($"{path}.users.{name}", name, "RoleName", "is no role name PgBouncer can hold", "Check the spelling");
            else if (PoolerSettings.IsTooPowerful(spec.Users?.GetValueOrDefault(name))) findings.Warn($"{path}.users.{name}", name, "PoolerUser", "is a super user or replicates, and is not let in through the pooler", "Delete the entry, or the flags of the role");
            else if (spec.Users?.ContainsKey(name) != true && !IsPrepared(spec, name))
                findings.Warn($"{path}.users.{name}", name, "PoolerUserPassword", "is no role of spec.users or spec.preparedDatabases, so the operator does not know its password, and PgBouncer up to 1.18, at least, cannot log in a role that has limits and whose password it would have to look up", "Add the role to spec.users, or use an image with a PgBouncer that looks up passwords of roles with limits");
            if (limits?.PoolMode is not (null or "session" or "transaction" or "statement")) findings.Error($"{path}.users.{name}.poolMode", limits!.PoolMode, "PoolerMode", "must be session, transaction or statement", "Delete the line to get the pooler's mode");
            if (limits?.MaxUserConnections is < 0) findings.ErrorIfNew($"{path}.users.{name}.maxUserConnections", $"{limits.MaxUserConnections}", "PoolerConnections", "must be 0 or more", "0 means no limit");
        }
        PatroniRules.CheckHba($"{path}.accessList", pooler.AccessList, findings);
    }

    private static bool IsPrepared(PostgresqlSpec spec, string name) =>
        name.EndsWith("_user", StringComparison.Ordinal) && spec.PreparedDatabases?.Any(d => name.StartsWith(d.Key + "_", StringComparison.Ordinal)) == true;
}
