using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;

namespace Zalando.Postgres.Sdk.Planning.Roles;

/// <summary>Role and schema of the connection pooler. Pods, Secret and lookup function all take them from here.</summary>
public static class PoolerNames
{
    // What the reference calls both when nobody says anything; a name that PostgreSQL would cut or refuse is nobody's.
    private const string Default = "pooler";

    /// <summary>Whether the manifest asks for a pooler, for the primary or for the replicas.</summary>
    /// <param name="spec">The manifest's spec.</param>
    /// <remarks>A section <c>connectionPooler</c> alone asks for one, unless it is switched off.</remarks>
    public static bool IsEnabled(PostgresqlSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return (spec.EnableConnectionPooler ?? spec.ConnectionPooler is not null) || spec.EnableReplicaConnectionPooler == true;
    }

    /// <summary>The role: the manifest's unless it may not be used, then the configuration's.</summary>
    /// <param name="spec">The manifest's spec.</param>
    /// <param name="settings">The operator's settings.</param>
    /// <param name="refused">Why the manifest's name is not used; null when it is, or when there is none.</param>
    public static string User(PostgresqlSpec spec, OperatorSettings settings, out string? refused)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(settings);
        refused = null;
        var configured = RoleName.WhyNotARole(settings.ConnectionPooler.User) is null ? settings.ConnectionPooler.User : Default;
        if (spec.ConnectionPooler?.User is not { Length: > 0 } name) return configured;
        if (!RoleName.IsUserName(name) || RoleName.WhyNotARole(name) is not null) refused = $"\"{name}\" is no name for a role";
        else if (name == settings.Users.SuperUserName || name == settings.Users.ReplicationUserName || name == DesiredRoles.StreamUser) refused = $"\"{name}\" is a system user";
        else if (settings.TeamsApi.ProtectedRoleNames.Contains(name, StringComparer.Ordinal)) refused = $"\"{name}\" is a protected role";
        return refused is null ? name : configured;
    }

    /// <summary>The schema of the lookup function: the manifest's unless it is no name for a schema, then the configuration's.</summary>
    /// <param name="spec">The manifest's spec.</param>
    /// <param name="settings">The operator's settings.</param>
    public static string Schema(PostgresqlSpec spec, OperatorSettings settings)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(settings);
        return spec.ConnectionPooler?.Schema is { Length: > 0 } name && RoleName.IsDatabaseName(name) && RoleName.WhyNotAnIdentifier(name) is null
            && !name.StartsWith("pg_", StringComparison.OrdinalIgnoreCase) && !name.Equals("information_schema", StringComparison.OrdinalIgnoreCase)
            ? name
            : RoleName.WhyNotAnIdentifier(settings.ConnectionPooler.Schema) is null ? settings.ConnectionPooler.Schema : Default;
    }
}
