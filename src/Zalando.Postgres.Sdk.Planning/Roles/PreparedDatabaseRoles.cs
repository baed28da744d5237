using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;

namespace Zalando.Postgres.Sdk.Planning.Roles;

/// <summary>Owner, reader, writer and their login users of a prepared database and of its schemas.</summary>
internal static class PreparedDatabaseRoles
{
    // The reference writes this word whatever team_admin_role says; without a configured one it stays.
    private const string DefaultAdmin = "admin";

    /// <summary>The roles of one prepared database, parents first.</summary>
    /// <param name="database">Name of the database.</param>
    /// <param name="definition">Its definition.</param>
    /// <param name="settings">The operator's settings.</param>
    /// <param name="problem">Told field, value and message of what is left out.</param>
    public static IEnumerable<DesiredRole> Of(string database, PreparedDatabase definition, OperatorSettings settings, Action<string, string, string> problem)
    {
        var field = $"spec.preparedDatabases[{database}]";
        var admin = settings.TeamsApi.TeamAdminRole.Length > 0 ? settings.TeamsApi.TeamAdminRole : DefaultAdmin;
        var schemas = new List<KeyValuePair<string, PreparedSchema>>();
        foreach (var schema in PreparedDatabaseNames.Schemas(definition))
        {
            if (RoleName.IsDatabaseName(schema.Key)) schemas.Add(schema);
            else problem($"{field}.schemas[{schema.Key}]", schema.Key, $"the schema \"{schema.Key}\" is left out: a name of a schema has letters, digits and underscores and does not begin with a digit.");
        }

        var path = SearchPath(schemas.Select(s => s.Key));
        foreach (var role in Set(database, admin, database + "_owner", definition.DefaultUsers == true, ownerUserAdmin: admin, path, field)) yield return role;
        foreach (var (name, schema) in schemas)
        {
            if (schema.DefaultRoles == false)
            {
                if (schema.DefaultUsers == true) problem($"{field}.schemas[{name}].defaultUsers", name, $"the users of the schema \"{name}\" are left out: they need its defaultRoles.");
                continue;
            }

            var prefix = $"{database}_{name}";
            var owner = database + "_owner";
            foreach (var role in Set(prefix, owner, prefix + "_owner", schema.DefaultUsers == true, ownerUserAdmin: owner, SearchPath([name]), $"{field}.schemas[{name}]")) yield return role;
        }
    }

    private static IEnumerable<DesiredRole> Set(string prefix, string ownerAdmin, string owner, bool users, string ownerUserAdmin, string searchPath, string field)
    {
        yield return Role(owner, ownerAdmin, [], RoleAttributes.NoLogin, isOwner: true);
        yield return Role(prefix + "_reader", owner, [], RoleAttributes.NoLogin, isOwner: false);
        yield return Role(prefix + "_writer", owner, [prefix + "_reader"], RoleAttributes.NoLogin, isOwner: false);
        if (!users) yield break;
        yield return Role(prefix + "_owner_user", ownerUserAdmin, [owner], RoleAttributes.LoginOnly, isOwner: true);
        yield return Role(prefix + "_reader_user", owner, [prefix + "_reader"], RoleAttributes.LoginOnly, isOwner: false);
        yield return Role(prefix + "_writer_user", owner, [prefix + "_writer"], RoleAttributes.LoginOnly, isOwner: false);

        DesiredRole Role(string name, string admin, string[] memberOf, RoleAttributes attributes, bool isOwner) => new()
        {
            Name = name,
            Origin = RoleOrigin.PreparedDatabase,
            FieldPath = field,
            Attributes = attributes,
            MemberOf = memberOf,
            AdminRole = admin,
            IsDatabaseOwner = isOwner,
            Settings = new Dictionary<string, string>(StringComparer.Ordinal) { ["search_path"] = searchPath },
        };
    }

    private static string SearchPath(IEnumerable<string> schemas) => string.Join(", ", schemas.Prepend("$user").Select(s => $"\"{s}\""));
}
