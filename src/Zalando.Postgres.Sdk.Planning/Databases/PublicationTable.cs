namespace Zalando.Postgres.Sdk.Planning.Databases;

/// <summary>Names of tables and publications of event streams.</summary>
public static class PublicationTable
{
    /// <summary>What names of our publications begin with.</summary>
    public const string Prefix = "fes_";

    /// <summary>Name of the publication, and of the replication slot, of an application.</summary>
    /// <param name="database">The database.</param>
    /// <param name="applicationId">The application.</param>
    public static string PublicationName(string database, string applicationId)
    {
        ArgumentNullException.ThrowIfNull(applicationId);
        return $"{Prefix}{database}_{applicationId.Replace('-', '_')}";
    }

    /// <summary>The name with its schema; <c>public</c> when it has none.</summary>
    /// <param name="table">The name as written.</param>
    public static string Qualified(string table)
    {
        ArgumentNullException.ThrowIfNull(table);
        return table.Contains('.', StringComparison.Ordinal) ? table : "public." + table;
    }

    /// <summary>Whether a name is exactly <c>schema.table</c>, both names that PostgreSQL keeps as written.</summary>
    /// <param name="table">The name.</param>
    public static bool IsValid(string table) => table.Split('.') is [var schema, var name] && Roles.RoleName.WhyNotAnIdentifier(schema) is null && Roles.RoleName.WhyNotAnIdentifier(name) is null;

    /// <summary>Whether PostgreSQL takes a name for a replication slot.</summary>
    /// <param name="name">The name.</param>
    public static bool IsSlotName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.Length is > 0 and <= 63 && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_');
    }

    internal static string Template(IReadOnlyList<string> tables) => string.Join(", ", tables.Select(_ => "%I.%I"));

    internal static IEnumerable<SqlArgument> Arguments(IReadOnlyList<string> tables) => tables.SelectMany(t => Qualified(t).Split('.', 2)).Select(n => new SqlArgument(n));
}
