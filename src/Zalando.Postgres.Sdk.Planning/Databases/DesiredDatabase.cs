namespace Zalando.Postgres.Sdk.Planning.Databases;

/// <summary>A database that a cluster has to have.</summary>
public sealed record DesiredDatabase
{
    /// <summary>Name.</summary>
    public required string Name { get; init; }

    /// <summary>Owner; null for a database that is not ours but in which something of ours has to be.</summary>
    public string? Owner { get; init; }

    /// <summary>Schemas, ordered by name.</summary>
    public IReadOnlyList<DesiredSchema> Schemas { get; init; } = [];

    /// <summary>Default privileges in a fixed order.</summary>
    public IReadOnlyList<DefaultPrivilege> DefaultPrivileges { get; init; } = [];

    /// <summary>Extensions and their schemas.</summary>
    public IReadOnlyDictionary<string, string> Extensions { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Publications; null when publications are not looked after.</summary>
    public IReadOnlyList<DesiredPublication>? Publications { get; init; }

    /// <summary>The field that asks for it.</summary>
    public string FieldPath { get; init; } = "";

    /// <summary>Whether something inside it is looked after.</summary>
    public bool NeedsContents => Schemas.Count > 0 || DefaultPrivileges.Count > 0 || Extensions.Count > 0 || Publications is not null;
}
