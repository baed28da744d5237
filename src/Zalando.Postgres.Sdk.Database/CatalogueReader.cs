using Npgsql;
using Zalando.Postgres.Sdk.Planning.Databases;
using Zalando.Postgres.Sdk.Planning.Roles;

namespace Zalando.Postgres.Sdk.Database;

/// <summary>Reads the catalogue in one round trip per database. Every name is qualified: what somebody planted in another schema is never called.</summary>
internal static class CatalogueReader
{
    private const string Server = "SELECT pg_catalog.current_setting('server_version_num')::int4, pg_catalog.pg_is_in_recovery(), pg_catalog.current_setting('wal_level')";

    private const string Roles = """
        SELECT r.rolname::text, r.rolsuper, r.rolinherit, r.rolcreaterole, r.rolcreatedb, r.rolcanlogin, r.rolreplication, r.rolbypassrls,
               r.rolpassword, COALESCE(s.setconfig, '{}'::text[]), pg_catalog.shobj_description(r.oid, 'pg_authid'),
               (SELECT pg_catalog.count(*)::int4 FROM (SELECT 1 FROM pg_catalog.pg_shdepend d
                  WHERE d.refclassid = 'pg_catalog.pg_authid'::regclass AND d.refobjid = r.oid AND d.deptype IN ('o', 'a', 'r') LIMIT 1000) x)
        FROM pg_catalog.pg_authid r
        LEFT JOIN pg_catalog.pg_db_role_setting s ON s.setrole = r.oid AND s.setdatabase = 0
        """;

    // From version 16 on a membership can exist once per grantor.
    private const string Grants = """
        SELECT g.rolname::text, m.rolname::text, pg_catalog.bool_or(a.admin_option)
        FROM pg_catalog.pg_auth_members a
        JOIN pg_catalog.pg_authid g ON g.oid = a.roleid
        JOIN pg_catalog.pg_authid m ON m.oid = a.member
        GROUP BY 1, 2
        """;

    private const string Databases = "SELECT d.datname::text, pg_catalog.pg_get_userbyid(d.datdba)::text, d.datallowconn, d.datistemplate, pg_catalog.shobj_description(d.oid, 'pg_database') FROM pg_catalog.pg_database d";

    private const string Available = "SELECT e.name::text FROM pg_catalog.pg_available_extensions e";

    private const string Schemas = """
        SELECT n.nspname::text, pg_catalog.pg_get_userbyid(n.nspowner)::text,
               ARRAY(SELECT COALESCE(r.rolname::text, '') FROM pg_catalog.aclexplode(n.nspacl) a LEFT JOIN pg_catalog.pg_authid r ON r.oid = a.grantee
                     WHERE a.privilege_type = 'USAGE'),
               ARRAY(SELECT COALESCE(r.rolname::text, '') FROM pg_catalog.aclexplode(n.nspacl) a LEFT JOIN pg_catalog.pg_authid r ON r.oid = a.grantee
                     WHERE a.privilege_type = 'CREATE' AND a.grantee <> n.nspowner)
        FROM pg_catalog.pg_namespace n
        WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
        """;

    private const string DefaultPrivileges = """
        SELECT pg_catalog.pg_get_userbyid(d.defaclrole)::text, n.nspname::text, d.defaclobjtype::text, COALESCE(r.rolname::text, ''), a.privilege_type::text
        FROM pg_catalog.pg_default_acl d
        CROSS JOIN LATERAL pg_catalog.aclexplode(d.defaclacl) a
        LEFT JOIN pg_catalog.pg_namespace n ON n.oid = d.defaclnamespace
        LEFT JOIN pg_catalog.pg_authid r ON r.oid = a.grantee
        """;

    private const string Extensions = """
        SELECT e.extname::text, n.nspname::text, e.extrelocatable
        FROM pg_catalog.pg_extension e LEFT JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
        """;

    private const string Lookups = """
        SELECT n.nspname::text, pg_catalog.pg_get_userbyid(p.proowner)::text, p.prosrc, p.prosecdef, COALESCE(p.proconfig, '{}'::text[]),
               ARRAY(SELECT COALESCE(r.rolname::text, '') FROM pg_catalog.aclexplode(COALESCE(p.proacl, pg_catalog.acldefault('f', p.proowner))) a
                     LEFT JOIN pg_catalog.pg_authid r ON r.oid = a.grantee WHERE a.privilege_type = 'EXECUTE' AND a.grantee <> p.proowner),
               p.proretset, l.lanname::text
        FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace JOIN pg_catalog.pg_language l ON l.oid = p.prolang
        WHERE p.proname = 'user_lookup' AND p.proargtypes = '25'::oidvector
        """;

    private const string Publications = """
        SELECT p.pubname::text, pg_catalog.pg_get_userbyid(p.pubowner)::text,
               ARRAY(SELECT t.schemaname::text || '.' || t.tablename::text FROM pg_catalog.pg_publication_tables t WHERE t.pubname = p.pubname),
               p.pubinsert AND p.pubupdate AND NOT p.pubdelete AND NOT p.pubtruncate AND NOT p.puballtables
        FROM pg_catalog.pg_publication p
        """;

    public static async Task<ObservedServer> ReadServerAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var batch = Batch(connection, Server, Roles, Grants, Databases, Available);
        await using var batchScope = batch.ConfigureAwait(false);
        var reader = await batch.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var readerScope = reader.ConfigureAwait(false);
        var server = (await RowsAsync(reader, r => (Version: r.GetInt32(0), InRecovery: r.GetBoolean(1), WalLevel: r.GetString(2)), cancellationToken).ConfigureAwait(false))[0];
        var roles = await NextAsync(reader, Role, cancellationToken).ConfigureAwait(false);
        var grants = await NextAsync(reader, r => new RoleGrant(r.GetString(0), r.GetString(1), r.GetBoolean(2)), cancellationToken).ConfigureAwait(false);
        var databases = await NextAsync(
            reader,
            r => new ObservedDatabase { Name = r.GetString(0), Owner = r.GetString(1), AllowsConnections = r.GetBoolean(2), IsTemplate = r.GetBoolean(3), Comment = Text(r, 4) },
            cancellationToken).ConfigureAwait(false);
        var available = await NextAsync(reader, r => r.GetString(0), cancellationToken).ConfigureAwait(false);
        return new()
        {
            Version = server.Version,
            IsInRecovery = server.InRecovery,
            WalLevel = server.WalLevel,
            Roles = roles.Where(r => !IsSystem(r.Name)).ToDictionary(r => r.Name, StringComparer.Ordinal),
            SystemRoles = roles.Select(r => r.Name).Where(IsSystem).ToHashSet(StringComparer.Ordinal),
            Grants = grants.ToHashSet(),
            Databases = databases.ToDictionary(d => d.Name, StringComparer.Ordinal),
            AvailableExtensions = available.ToHashSet(StringComparer.Ordinal),
        };
    }

    public static async Task<ObservedContents> ReadContentsAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var batch = Batch(connection, Schemas, DefaultPrivileges, Extensions, Lookups, Publications);
        await using var batchScope = batch.ConfigureAwait(false);
        var reader = await batch.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var readerScope = reader.ConfigureAwait(false);
        var schemas = await RowsAsync(reader, r => new ObservedSchema { Name = r.GetString(0), Owner = r.GetString(1), UsableBy = Set(r, 2), CreatableBy = Set(r, 3) }, cancellationToken).ConfigureAwait(false);
        var privileges = await NextAsync(reader, Default, cancellationToken).ConfigureAwait(false);
        var extensions = await NextAsync(reader, r => (Name: r.GetString(0), Extension: new ObservedExtension(Text(r, 1), r.GetBoolean(2))), cancellationToken).ConfigureAwait(false);
        var lookups = await NextAsync(reader, r => (Schema: r.GetString(0), Lookup: Lookup(r)), cancellationToken).ConfigureAwait(false);
        var publications = await NextAsync(
            reader,
            r => (Name: r.GetString(0), Publication: new ObservedPublication(r.GetString(1), Texts(r, 2).Order(StringComparer.Ordinal).ToArray()) { PublishesInsertsAndUpdates = r.GetBoolean(3) }),
            cancellationToken).ConfigureAwait(false);
        return new()
        {
            Schemas = schemas.ToDictionary(s => s.Name, StringComparer.Ordinal),
            DefaultPrivileges = privileges.OfType<DefaultPrivilege>().ToHashSet(),
            Extensions = extensions.ToDictionary(e => e.Name, e => e.Extension, StringComparer.Ordinal),
            Lookups = lookups.ToDictionary(l => l.Schema, l => l.Lookup, StringComparer.Ordinal),
            Publications = publications.ToDictionary(p => p.Name, p => p.Publication, StringComparer.Ordinal),
        };
    }

    private static bool IsSystem(string role) => role.StartsWith("pg_", StringComparison.Ordinal);

    private static ObservedRole Role(NpgsqlDataReader row) => new()
    {
        Name = row.GetString(0),
        Attributes = new()
        {
            Superuser = row.GetBoolean(1),
            Inherit = row.GetBoolean(2),
            CreateRole = row.GetBoolean(3),
            CreateDatabase = row.GetBoolean(4),
            Login = row.GetBoolean(5),
            Replication = row.GetBoolean(6),
            BypassRowSecurity = row.GetBoolean(7),
        },
        StoredPassword = Text(row, 8) is { } stored ? new(stored) : null,
        Settings = Texts(row, 9).Select(s => s.Split('=', 2)).ToDictionary(s => s[0], s => s.Length > 1 ? s[1] : "", StringComparer.Ordinal),
        Comment = Text(row, 10),
        Dependencies = row.GetInt32(11),
    };

    private static ObservedLookup Lookup(NpgsqlDataReader row) => new()
    {
        Owner = row.GetString(1),
        Source = row.GetString(2),
        SecurityDefiner = row.GetBoolean(3),
        Settings = Texts(row, 4),
        CallableBy = Set(row, 5),
        ReturnsSet = row.GetBoolean(6),
        Language = row.GetString(7),
    };

    // Kinds and privileges that planning does not know are none of its business.
    private static DefaultPrivilege? Default(NpgsqlDataReader row)
    {
        DefaultPrivilegeTarget? target = row.GetString(2) switch
        {
            "r" => DefaultPrivilegeTarget.Tables,
            "S" => DefaultPrivilegeTarget.Sequences,
            "f" => DefaultPrivilegeTarget.Functions,
            "T" => DefaultPrivilegeTarget.Types,
            "n" => DefaultPrivilegeTarget.Schemas,
            _ => null,
        };
        return target is { } known && Enum.TryParse<Privilege>(row.GetString(4), ignoreCase: true, out var privilege)
            ? new DefaultPrivilege(row.GetString(0), Text(row, 1), known, row.GetString(3), privilege)
            : null;
    }

    private static NpgsqlBatch Batch(NpgsqlConnection connection, params ReadOnlySpan<string> queries)
    {
        var batch = new NpgsqlBatch(connection);
        foreach (var query in queries) batch.BatchCommands.Add(new NpgsqlBatchCommand(query));
        return batch;
    }

    private static async Task<List<T>> NextAsync<T>(NpgsqlDataReader reader, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken)
    {
        await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
        return await RowsAsync(reader, read, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<List<T>> RowsAsync<T>(NpgsqlDataReader reader, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken)
    {
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false)) rows.Add(read(reader));
        return rows;
    }

    private static string? Text(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    private static string[] Texts(NpgsqlDataReader row, int column) => row.GetFieldValue<string[]>(column);

    private static HashSet<string> Set(NpgsqlDataReader row, int column) => Texts(row, column).ToHashSet(StringComparer.Ordinal);
}
