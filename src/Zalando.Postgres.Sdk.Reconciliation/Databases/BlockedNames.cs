using Zalando.Postgres.Sdk.Planning;
using Zalando.Postgres.Sdk.Planning.Databases;

namespace Zalando.Postgres.Sdk.Reconciliation.Databases;

/// <summary>What could not be made in this round: changes that need it are left for the next one, all others go on.</summary>
internal sealed class BlockedNames
{
    private readonly HashSet<string> _roles = new(StringComparer.Ordinal);
    private readonly HashSet<string> _databases = new(StringComparer.Ordinal);
    private readonly HashSet<(string Database, string Schema)> _schemas = [];

    public void Add(DatabaseChange change)
    {
        switch (change)
        {
            case CreateRole role:
                _roles.Add(role.Role);
                break;
            case RenameRole role:
                _roles.Add(role.NewName);
                break;
            case CreateDatabase database:
                _databases.Add(database.Name);
                break;
            case CreateSchema schema:
                _schemas.Add((schema.Database, schema.Schema));
                break;
        }
    }

    /// <summary>A database that cannot be reached.</summary>
    public void AddDatabase(string database) => _databases.Add(database);

    public bool Blocks(DatabaseChange change)
    {
        if (_databases.Contains(change.Database)) return true;
        return change switch
        {
            AlterRole c => _roles.Contains(c.Role),
            SetRolePassword c => _roles.Contains(c.Role),
            SetRoleSetting c => _roles.Contains(c.Role),
            CommentOnRole c => _roles.Contains(c.Role),
            GrantRole c => _roles.Contains(c.Role) || _roles.Contains(c.Member),
            CreateDatabase c => _roles.Contains(c.Owner),
            AlterDatabaseOwner c => _roles.Contains(c.Owner),
            CommentOnDatabase c => _databases.Contains(c.Name),
            CreateSchema c => _roles.Contains(c.Owner),
            AlterSchemaOwner c => _roles.Contains(c.Owner),
            GrantSchemaUsage c => _schemas.Contains((c.Database, c.Schema)) || c.Grantees.Any(_roles.Contains),
            GrantDefaultPrivileges c => _roles.Contains(c.Creator) || _roles.Contains(c.Grantee) || (c.Schema is not null && _schemas.Contains((c.Database, c.Schema))),
            CreateExtension c => _schemas.Contains((c.Database, c.Schema)),
            MoveExtension c => _schemas.Contains((c.Database, c.Schema)),
            InstallPoolerLookup c => _roles.Contains(c.PoolerRole),
            _ => false,
        };
    }
}
