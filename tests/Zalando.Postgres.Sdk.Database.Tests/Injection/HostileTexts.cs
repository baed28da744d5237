namespace Zalando.Postgres.Sdk.Database.Tests.Injection;

/// <summary>Names and values that somebody writes who wants more than a name or a value. One list for every input.</summary>
internal static class HostileTexts
{
    /// <summary>Texts that PostgreSQL can keep as a name, each meant to leave its quotes in another way.</summary>
    public static readonly IReadOnlyList<string> Names =
    [
        "mallory\"; DROP ROLE standby; --", "o'brien", "a'; ALTER ROLE app SUPERUSER; --", "%I %L %s %% %1$I", "$do$ END $do$; DROP ROLE standby", "a;b", "Ünïcödé",
        "role with blank", "$1", "@x :y ?", "back\\slash'", "E'\\x41'", "/* comment", "-- comment", "\"\"", "''", "{0}", "postgres ", "Postgres", "раstgres",
        "SCRAM-SHA-256$4096:x", "SCRAM-SHA-256'; DROP ROLE standby; --", "md5'; DROP ROLE standby; --          ", new('x', 63), "${HOME} $(id) `id`", "<script>", "a\u00A0b", "🐘",
        "x\" = auth_type = any", "user\" \"password", "[pgbouncer]", "a.b.c", "../..", "a,b", "null", "0", "true", "' || pg_read_file('PG_VERSION') || '", "fes_x", new string('é', 31) + "x",
        "name)); CREATE ROLE pwned SUPERUSER; --", "\uFF07; DROP ROLE standby", "standby\u0301",
    ];

    /// <summary>Texts that are no names, or names of somebody else's.</summary>
    public static readonly IReadOnlyList<string> NoNames =
    [
        "", " ", "nul\0byte", "line\nbreak = any", "carriage\rreturn", "tab\tulator", "bidi\u202Etxet", "zero\u200Bwidth", "line\u2028separator", "\uFEFFbom", new('y', 64), new string('é', 31) + "xy",
        new string('z', 61) + "é", "pg_signal_backend", "pg_execute_server_program", "PG_monitor", "public", "none", "current_user", "template1", "information_schema", "postgres", "standby", "admin",
        new('w', 70_000),
    ];

    public static IEnumerable<string> All => Names.Concat(NoNames);
}
