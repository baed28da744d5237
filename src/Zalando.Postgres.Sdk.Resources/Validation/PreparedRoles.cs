namespace Zalando.Postgres.Sdk.Resources.Validation;

/// <summary>Names of the roles that a prepared database brings.</summary>
internal static class PreparedRoles
{
    internal static IEnumerable<string> Of(string database, PreparedDatabase? prepared)
    {
        foreach (var role in Trio(database, true, prepared?.DefaultUsers == true)) yield return role;
        var schemas = prepared?.Schemas is { Count: > 0 } written ? written : new Dictionary<string, PreparedSchema?> { ["data"] = null };
        foreach (var (name, schema) in schemas)
        {
            foreach (var role in Trio($"{database}_{name}", schema?.DefaultRoles != false, schema?.DefaultRoles != false && schema?.DefaultUsers == true)) yield return role;
        }
    }

    internal static IEnumerable<string> LoginsOf(string database, PreparedDatabase? prepared) => Of(database, prepared).Where(static r => r.EndsWith("_user", StringComparison.Ordinal));

    private static IEnumerable<string> Trio(string prefix, bool roles, bool users)
    {
        foreach (var name in new[] { "owner", "reader", "writer" })
        {
            if (roles) yield return $"{prefix}_{name}";
            if (users) yield return $"{prefix}_{name}_user";
        }
    }
}
