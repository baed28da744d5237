namespace Zalando.Postgres.Sdk.Resources;

/// <summary>Flags of the roles in <see cref="PostgresqlSpec.Users"/>.</summary>
public static class RoleFlags
{
    private static readonly string[] Words = ["bypassrls", "createdb", "createrole", "inherit", "login", "replication", "superuser"];

    /// <summary>Every flag as it may be written: each word, its opposite with <c>no</c>, in lower or in upper case.</summary>
    public static IReadOnlyList<string> All { get; } =
        Words.SelectMany(static w => new[] { w, w.ToUpperInvariant(), "no" + w, "NO" + w.ToUpperInvariant() }).Order(StringComparer.Ordinal).ToArray();
}
