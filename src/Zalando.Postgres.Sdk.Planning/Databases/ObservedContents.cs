namespace Zalando.Postgres.Sdk.Planning.Databases;

/// <summary>What is inside a database, as far as it is looked after.</summary>
public sealed record ObservedContents
{
    /// <summary>What a database has right after <c>CREATE DATABASE</c>.</summary>
    public static ObservedContents OfNewDatabase { get; } = new()
    {
        Schemas = new Dictionary<string, ObservedSchema>(StringComparer.Ordinal) { ["public"] = new() { Name = "public", Owner = "pg_database_owner" } },
        Extensions = new Dictionary<string, ObservedExtension>(StringComparer.Ordinal) { ["plpgsql"] = new("pg_catalog", false) },
    };

    /// <summary>Schemas by name, without those of the system.</summary>
    public IReadOnlyDictionary<string, ObservedSchema> Schemas { get; init; } = new Dictionary<string, ObservedSchema>(StringComparer.Ordinal);

    /// <summary>Default privileges.</summary>
    public IReadOnlySet<DefaultPrivilege> DefaultPrivileges { get; init; } = new HashSet<DefaultPrivilege>();

    /// <summary>Extensions by name.</summary>
    public IReadOnlyDictionary<string, ObservedExtension> Extensions { get; init; } = new Dictionary<string, ObservedExtension>(StringComparer.Ordinal);

    /// <summary>Functions named <c>user_lookup(text)</c> by schema.</summary>
    public IReadOnlyDictionary<string, ObservedLookup> Lookups { get; init; } = new Dictionary<string, ObservedLookup>(StringComparer.Ordinal);

    /// <summary>Publications by name.</summary>
    public IReadOnlyDictionary<string, ObservedPublication> Publications { get; init; } = new Dictionary<string, ObservedPublication>(StringComparer.Ordinal);
}
