using Zalando.Postgres.Sdk.Planning.Roles;
using Zalando.Postgres.Sdk.Planning.Streams;

namespace Zalando.Postgres.Sdk.Planning.Databases;

/// <summary>Roles and databases that a cluster has to have.</summary>
/// <param name="Roles">The roles, with the passwords of their Secrets.</param>
/// <param name="Databases">The databases.</param>
public sealed record DesiredServer(DesiredRoles Roles, DesiredDatabases Databases)
{
    /// <summary>Works them out.</summary>
    /// <param name="input">What they are planned from; the catalogue does not count.</param>
    public static DesiredServer Build(DatabasePlanningInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var roles = DesiredRoles.Build(input.Manifest, input.Settings, input.Roles).WithPasswords(role => RoleSecret.Find(input.Observed, role));
        var databases = DesiredDatabases.Build(input.Manifest, input.Settings, roles);
        return new(roles, databases with { LooksForPublications = StreamUse.Concerns(input.Manifest, input.Settings, input.Observed) });
    }
}
