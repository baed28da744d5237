using Zalando.Postgres.Sdk.Resources.Configuration;

namespace Zalando.Postgres.Sdk.Resources.Validation;

/// <summary>Databases, prepared databases, schemas and extensions.</summary>
internal static class DatabaseRules
{
    private static readonly string[] BuiltIn = ["postgres", "template0", "template1"];

    internal static void Check(Postgresql manifest, OperatorSettings settings, FindingCollector findings)
    {
        var spec = manifest.Spec;
        var prepared = spec.PreparedDatabases ?? new Dictionary<string, PreparedDatabase?>();
        var owners = new HashSet<string>(spec.Users?.Keys ?? [], StringComparer.Ordinal) { settings.Users.SuperUserName };
        foreach (var (name, database) in prepared) owners.UnionWith(PreparedRoles.Of(name, database));
        foreach (var (name, owner) in spec.Databases ?? new Dictionary<string, string>())
        {
            var path = $"spec.databases.{name}";
            CheckName(path, name, findings);
            if (string.IsNullOrEmpty(owner)) findings.ErrorIfNew(path, owner, "DatabaseOwner", "must name the role that owns the database", "Write a role of spec.users");
            else if (!owners.Contains(owner)) findings.Warn(path, owner, "DatabaseOwner", "is no role of this manifest; the database is skipped unless the operator knows the role from a team or from infrastructure roles", "Add the role to spec.users, or check the spelling");
            if (prepared.ContainsKey(name)) findings.Warn(path, owner, "DatabaseTwice", $"stands in spec.preparedDatabases too, where {name}_owner owns it", "Delete one of the two");
        }
        if (spec.DatabaseReclaimPolicy is not (null or "Retain" or "Delete")) findings.Error("spec.databaseReclaimPolicy", spec.DatabaseReclaimPolicy, "ReclaimPolicy", "must be Retain or Delete", "Retain keeps databases that are no longer in the manifest");
        if (spec.PreparedDatabases is { Count: 0 })
            findings.Inform("spec.preparedDatabases", null, "PreparedDefault", $"is empty, which makes a database named {manifest.Metadata.Name?.Replace('-', '_')}", "Delete the line if that was not meant");
        foreach (var (name, database) in prepared) CheckPrepared($"spec.preparedDatabases.{name}", name, database, [.. spec.Users?.Keys ?? []], settings, findings);
    }

    private static void CheckPrepared(string path, string name, PreparedDatabase? database, HashSet<string> users, OperatorSettings settings, FindingCollector findings)
    {
        CheckName(path, name, findings);
        if (name != name.ToLowerInvariant()) findings.Warn(path, name, "PreparedCase", "has upper-case letters, so its roles and Secrets need quoting everywhere", "Write lower-case letters");
        foreach (var role in PreparedRoles.Of(name, database).Where(static r => r.Length > NamePatterns.LongestIdentifier))
            findings.ErrorIfNew(path, role, "RoleName", "would be a role name longer than 63 characters", "Shorten the name of the database or of the schema");
        foreach (var role in PreparedRoles.Of(name, database).Where(r => users.Contains(r)))
            findings.Warn($"spec.users.{role}", null, "RoleTwice", $"is made for the prepared database {name}, too", "Delete it from spec.users, or rename it");
        if (database is null) return;
        var schemas = new HashSet<string>(database.Schemas is { Count: > 0 } written ? written.Keys : ["data"], StringComparer.Ordinal) { "public", "pg_catalog" };
        foreach (var (schema, definition) in database.Schemas ?? new Dictionary<string, PreparedSchema?>())
        {
            var schemaPath = $"{path}.schemas.{schema}";
            if (!NamePatterns.DatabaseName().IsMatch(schema) || schema.Length > NamePatterns.LongestIdentifier)
                findings.ErrorIfNew(schemaPath, schema, "SchemaName", "must be at most 63 letters, digits and '_', not beginning with a digit", "The schema is skipped otherwise");
            else if (schema.StartsWith("pg_", StringComparison.Ordinal)) findings.ErrorIfNew(schemaPath, schema, "SchemaName", "must not begin with pg_, which PostgreSQL keeps for itself", "Rename the schema");
            if (definition is { DefaultRoles: false, DefaultUsers: true })
                findings.Warn($"{schemaPath}.defaultUsers", "true", "DefaultUsers", "has no effect without defaultRoles", "Write defaultRoles: true");
        }
        foreach (var (extension, schema) in database.Extensions ?? new Dictionary<string, string>())
        {
            var extensionPath = $"{path}.extensions.{extension}";
            if (string.IsNullOrEmpty(schema)) findings.ErrorIfNew(extensionPath, schema, "ExtensionSchema", "must name the schema of the extension", "public is usual");
            else if (!schemas.Contains(schema)) findings.Warn(extensionPath, schema, "ExtensionSchema", "is no schema of this prepared database, so the extension cannot be created unless the schema is made by hand", "Add the schema, or write public");
            if (extension.Length is 0 or > NamePatterns.LongestIdentifier || extension.AsSpan().ContainsAny("\"';\\ \n\r\0")) findings.ErrorIfNew(extensionPath, extension, "ExtensionName", "is no name of an extension", "Check the spelling");
        }
        if (!string.IsNullOrEmpty(database.SecretNamespace) && !settings.Kubernetes.EnableCrossNamespaceSecret)
            findings.Warn($"{path}.secretNamespace", database.SecretNamespace, "SecretNamespace", "has no effect while enable_cross_namespace_secret is false", "Delete the line, or ask for the parameter");
    }

    private static void CheckName(string path, string name, FindingCollector findings)
    {
        if (!NamePatterns.DatabaseName().IsMatch(name) || name.Length > NamePatterns.LongestIdentifier)
            findings.ErrorIfNew(path, name, "DatabaseName", "must be at most 63 letters, digits and '_', not beginning with a digit", "Write '_' instead of '-'");
        else if (BuiltIn.Contains(name, StringComparer.Ordinal))
            findings.Warn(path, name, "DatabaseName", "is a database of PostgreSQL itself", "Choose another name");
    }
}
