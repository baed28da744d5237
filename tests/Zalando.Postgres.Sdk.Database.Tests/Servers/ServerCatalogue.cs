namespace Zalando.Postgres.Sdk.Database.Tests.Servers;

/// <summary>The whole catalogue of a server as lines, so that two servers can be compared.</summary>
internal static class ServerCatalogue
{
    public static async Task<List<string>> ReadAsync(PostgresInstance server)
    {
        var lines = new List<string>();
        await AddAsync("postgres", "role", """
            SELECT rolname, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, rolreplication, rolbypassrls, rolconnlimit,
                   CASE WHEN rolcanlogin THEN left(rolpassword, 14) END, (SELECT array_to_string(array(SELECT unnest(setconfig) ORDER BY 1), ';') FROM pg_db_role_setting s WHERE s.setrole = r.oid AND s.setdatabase = 0)
            FROM pg_authid r WHERE rolname !~ '^pg_'
            """);
        await AddAsync("postgres", "member", "SELECT roleid::regrole::text, member::regrole::text, admin_option FROM pg_auth_members WHERE member >= 16384 OR roleid >= 16384");
        await AddAsync("postgres", "database", "SELECT datname, datdba::regrole::text, datallowconn, datistemplate, datacl::text, encoding FROM pg_database");
        foreach (var database in await server.RowsAsync("postgres", "SELECT datname FROM pg_database WHERE datallowconn"))
        {
            await AddAsync(database, "schema", "SELECT nspname, nspowner::regrole::text, array_to_string(array(SELECT a::text FROM unnest(nspacl) a ORDER BY 1), ',') FROM pg_namespace WHERE nspname !~ '^pg_(toast|temp)'");
            await AddAsync(database, "default privileges", "SELECT defaclrole::regrole::text, (SELECT nspname FROM pg_namespace n WHERE n.oid = defaclnamespace), defaclobjtype, array_to_string(array(SELECT a::text FROM unnest(defaclacl) a ORDER BY 1), ',') FROM pg_default_acl");
            await AddAsync(database, "extension", "SELECT extname, (SELECT nspname FROM pg_namespace n WHERE n.oid = extnamespace), extowner::regrole::text, extversion FROM pg_extension");
            await AddAsync(database, "function", "SELECT n.nspname, proname, pg_get_function_identity_arguments(p.oid), proowner::regrole::text, prosecdef, array_to_string(array(SELECT a::text FROM unnest(proacl) a ORDER BY 1), ',') FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace WHERE p.oid >= 16384");
            await AddAsync(database, "publication", "SELECT pubname, pubowner::regrole::text, pubinsert, pubupdate, pubdelete, pubtruncate, (SELECT string_agg(schemaname || '.' || tablename, ',' ORDER BY 1) FROM pg_publication_tables t WHERE t.pubname = p.pubname) FROM pg_publication p");
        }

        lines.Sort(StringComparer.Ordinal);
        return lines;

        async Task AddAsync(string database, string kind, string sql) => lines.AddRange((await server.RowsAsync(database, sql)).Select(row => $"{database}: {kind}: {row}"));
    }
}
