using Zalando.Postgres.Sdk.Resources;

namespace Zalando.Postgres.Sdk.Planning.Roles;

/// <summary>The prepared databases of a manifest with the defaults filled in.</summary>
public static class PreparedDatabaseNames
{
    /// <summary>Name of the schema of a prepared database that names none.</summary>
    public const string DefaultSchema = "data";

    /// <summary>The prepared databases by name, ordered: an empty section means one database with the cluster's name, dashes as underscores.</summary>
    /// <param name="manifest">The cluster.</param>
    public static IReadOnlyList<KeyValuePair<string, PreparedDatabase>> Effective(Postgresql manifest)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        if (manifest.Spec.PreparedDatabases is not { } databases) return [];
        if (databases.Count == 0) return [new((manifest.Metadata.Name ?? "").Replace('-', '_'), new())];
        return databases.OrderBy(d => d.Key, StringComparer.Ordinal).Select(d => new KeyValuePair<string, PreparedDatabase>(d.Key, d.Value ?? new())).ToArray();
    }

    /// <summary>The schemas of a prepared database by name, ordered: <c>data</c> when there are none.</summary>
    /// <param name="database">The database.</param>
    public static IReadOnlyList<KeyValuePair<string, PreparedSchema>> Schemas(PreparedDatabase database)
    {
        ArgumentNullException.ThrowIfNull(database);
        if (database.Schemas is not { Count: > 0 } schemas) return [new(DefaultSchema, new())];
        return schemas.OrderBy(s => s.Key, StringComparer.Ordinal).Select(s => new KeyValuePair<string, PreparedSchema>(s.Key, s.Value ?? new())).ToArray();
    }
}
