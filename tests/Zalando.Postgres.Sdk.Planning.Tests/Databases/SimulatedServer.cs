using Zalando.Postgres.Sdk.Planning.Databases;
using Zalando.Postgres.Sdk.Planning.Roles;

namespace Zalando.Postgres.Sdk.Planning.Tests.Databases;

/// <summary>What PostgreSQL's catalogue is after a change.</summary>
internal static class SimulatedServer
{
    public static ObservedServer With(this ObservedServer server, DatabaseChange change) => change switch
    {
        CreateRole c => server with { Roles = Put(server.Roles, c.Role, new() { Name = c.Role, Attributes = c.Attributes, StoredPassword = Stored(c.Role, c.Password, c.Encryption) }) },
        AlterRole c => Role(server, c.Role, r => r with { Attributes = c.Attributes }),
        SetRolePassword c => Role(server, c.Role, r => r with { StoredPassword = Stored(c.Role, c.Password, c.Encryption) }),
        SetRoleSetting c => Role(server, c.Role, r => r with { Settings = Put(r.Settings, c.Name, string.Join(", ", c.Values.Select(v => c.Values.Count > 1 || c.Name == "search_path" ? $"\"{v}\"" : v))) }),
        CommentOnRole c => Role(server, c.Role, r => r with { Comment = c.Comment }),
        RenameRole c => server with { Roles = Put(Without(server.Roles, c.Role), c.NewName, server.Roles[c.Role] with { Name = c.NewName }) },
        DropRole c => server with { Roles = Without(server.Roles, c.Role), Grants = server.Grants.Where(g => g.Role != c.Role && g.Member != c.Role).ToHashSet() },
        GrantRole c => server with { Grants = server.Grants.Where(g => (g.Role, g.Member) != (c.Role, c.Member)).Append(new(c.Role, c.Member, c.WithAdmin)).ToHashSet() },
        RevokeRole c => server with { Grants = server.Grants.Where(g => (g.Role, g.Member) != (c.Role, c.Member)).ToHashSet() },
        CreateDatabase c => server with { Databases = Put(server.Databases, c.Name, new() { Name = c.Name, Owner = c.Owner, Contents = ObservedContents.OfNewDatabase }) },
        AlterDatabaseOwner c => Database(server, c.Name, d => d with { Owner = c.Owner }),
        CommentOnDatabase c => Database(server, c.Name, d => d with { Comment = c.Comment }),
        DropDatabase c => server with { Databases = Without(server.Databases, c.Name) },
        CreateSchema c => Contents(server, c, x => x with { Schemas = Put(x.Schemas, c.Schema, new() { Name = c.Schema, Owner = c.Owner }) }),
        AlterSchemaOwner c => Contents(server, c, x => x with { Schemas = Put(x.Schemas, c.Schema, x.Schemas[c.Schema] with { Owner = c.Owner }) }),
        GrantSchemaUsage c => Contents(server, c, x => x with { Schemas = Put(x.Schemas, c.Schema, x.Schemas[c.Schema] with { UsableBy = x.Schemas[c.Schema].UsableBy.Concat(c.Grantees).ToHashSet() }) }),
        GrantDefaultPrivileges c => Contents(server, c, x => x with { DefaultPrivileges = x.DefaultPrivileges.Concat(c.Privileges.Select(p => new DefaultPrivilege(c.Creator, c.Schema, c.Target, c.Grantee, p))).ToHashSet() }),
        CreateExtension c => Contents(server, c, x => x with { Extensions = Put(x.Extensions, c.Extension, new(c.Schema, true)) }),
        MoveExtension c => Contents(server, c, x => x with { Extensions = Put(x.Extensions, c.Extension, new(c.Schema, true)) }),
        InstallPoolerLookup c => Contents(server, c, x => x with
        {
            Schemas = Put(x.Schemas, c.Schema, new() { Name = c.Schema, Owner = c.Owner, UsableBy = new HashSet<string> { c.PoolerRole } }),
            Lookups = Put(x.Lookups, c.Schema, new() { Owner = c.Owner, Source = Source(c), SecurityDefiner = true, ReturnsSet = true, Settings = ["search_path=pg_catalog, pg_temp"], CallableBy = new HashSet<string> { c.PoolerRole } }),
        }),
        _ => throw new NotSupportedException(change.GetType().Name),
    };

    private static string Source(InstallPoolerLookup change)
    {
        var text = change.ToSql().Select(s => s.Template).First(t => t.Contains("$lookup$", StringComparison.Ordinal));
        return text.Split("$lookup$")[1];
    }

    private static RolePassword? Stored(string role, RolePassword? password, PasswordEncryption encryption) => password is null ? null : StoredPassword.Make(role, password, encryption, new byte[16]);

    private static ObservedServer Role(ObservedServer server, string role, Func<ObservedRole, ObservedRole> change) => server with { Roles = Put(server.Roles, role, change(server.Roles[role])) };

    private static ObservedServer Database(ObservedServer server, string name, Func<ObservedDatabase, ObservedDatabase> change) => server with { Databases = Put(server.Databases, name, change(server.Databases[name])) };

    private static ObservedServer Contents(ObservedServer server, DatabaseChange change, Func<ObservedContents, ObservedContents> with) => Database(server, change.Database, d => d with { Contents = with(d.Contents!) });

    private static Dictionary<string, T> Put<T>(IReadOnlyDictionary<string, T> map, string key, T value) => new(map, StringComparer.Ordinal) { [key] = value };

    private static Dictionary<string, T> Without<T>(IReadOnlyDictionary<string, T> map, string key) => map.Where(m => m.Key != key).ToDictionary(m => m.Key, m => m.Value, StringComparer.Ordinal);
}
