namespace Zalando.Postgres.Sdk.Planning.Databases;

/// <summary>The function <c>user_lookup(text)</c> with which the connection pooler gets the stored password of a role.</summary>
/// <remarks>It runs with the rights of the super user, so it pins its search path and serves neither super users nor roles that
/// replicate: whoever has the pooler's password could otherwise read theirs, and newer PgBouncers pass replication on, which reads whole databases. For whom it does not serve it answers no row at all: PgBouncer lets such a login fail like one with a wrong password,
/// but takes a row without values for a mistake in its own configuration.</remarks>
public static class PoolerLookup
{
    /// <summary>Name of the function.</summary>
    public const string FunctionName = "user_lookup";

    internal const string Source = """

        BEGIN
          RETURN QUERY SELECT a.rolname::pg_catalog.text, a.rolpassword
          FROM pg_catalog.pg_authid a
          WHERE a.rolname = i_username AND a.rolcanlogin AND NOT a.rolsuper AND NOT a.rolreplication AND a.rolpassword IS NOT NULL
            AND (a.rolvaliduntil IS NULL OR a.rolvaliduntil > pg_catalog.now());
        END

        """;

    private const string SearchPath = "pg_catalog, pg_temp";

    /// <summary>Why the function of a database has to be made again; null when it is as it has to be.</summary>
    /// <param name="contents">What is inside the database.</param>
    /// <param name="schema">Schema of the function.</param>
    /// <param name="poolerRole">The role that may call it.</param>
    /// <param name="owner">The super user that has to own it.</param>
    internal static string? WhyOutdated(ObservedContents contents, string schema, string poolerRole, string owner)
    {
        if (!contents.Schemas.TryGetValue(schema, out var observed)) return "the schema is missing";
        if (observed.Owner != owner) return $"the schema belongs to \"{observed.Owner}\"";
        if (!contents.Lookups.TryGetValue(schema, out var lookup)) return "the function is missing";
        if (lookup.Owner != owner) return $"the function belongs to \"{lookup.Owner}\"";
        if (!lookup.ReturnsSet) return "the function answers a row without values for a role that it does not serve, so PgBouncer reports a mistake in its configuration";
        if (lookup.Source != Source || !lookup.SecurityDefiner || lookup.Language != "plpgsql") return "the function is another one";
        if (lookup.Settings is not ["search_path=" + SearchPath]) return "the function does not pin its search path";
        if (!lookup.CallableBy.SetEquals([poolerRole])) return "others than the pooler may call the function, or the pooler may not";
        // Everybody's own schema stays everybody's.
        if (schema != "public" && observed.CreatableBy.Order(StringComparer.Ordinal).FirstOrDefault() is { } other) return $"{(other.Length == 0 ? "everybody" : $"\"{other}\"")} may create functions in the schema, which the pooler could take for ours";
        return observed.UsableBy.Contains(poolerRole) ? null : "the pooler may not use the schema";
    }

    internal static IReadOnlyList<SqlStatement> Install(InstallPoolerLookup change)
    {
        SqlArgument schema = new(change.Schema), pooler = new(change.PoolerRole), owner = new(change.Owner);
        var statements = new List<SqlStatement>
        {
            change.SchemaExists ? new("ALTER SCHEMA %I OWNER TO %I", schema, owner) : new("CREATE SCHEMA %I AUTHORIZATION %I", schema, owner),
        };
        // Whoever had the schema before may have let others create in it, and its former owner's own right stays when the owner changes.
        foreach (var creator in change.Creators) statements.Add(creator.Length == 0 ? new("REVOKE CREATE ON SCHEMA %I FROM PUBLIC", schema) : new("REVOKE CREATE ON SCHEMA %I FROM %I CASCADE", schema, new(creator)));
        // What has the name may be a procedure or an aggregate.
        if (change.FunctionExists) statements.Add(new($"DROP ROUTINE %I.{FunctionName}(text)", schema));
        statements.Add(new(
            $"CREATE FUNCTION %I.{FunctionName}(IN i_username text, OUT uname text, OUT phash text) RETURNS SETOF record LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 1 SET search_path = {SearchPath} AS $lookup${Source}$lookup$",
            schema));
        statements.Add(new($"ALTER FUNCTION %I.{FunctionName}(text) OWNER TO %I", schema, owner));
        statements.Add(new($"REVOKE ALL ON FUNCTION %I.{FunctionName}(text) FROM PUBLIC", schema));
        statements.Add(new($"GRANT EXECUTE ON FUNCTION %I.{FunctionName}(text) TO %I", schema, pooler));
        statements.Add(new("GRANT USAGE ON SCHEMA %I TO %I", schema, pooler));
        return statements;
    }
}
