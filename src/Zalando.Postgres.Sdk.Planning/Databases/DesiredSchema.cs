namespace Zalando.Postgres.Sdk.Planning.Databases;

/// <summary>A schema that a database has to have.</summary>
public sealed record DesiredSchema
{
    /// <summary>Name.</summary>
    public required string Name { get; init; }

    /// <summary>Owner; null for <c>public</c>, whose owner stays.</summary>
    public string? Owner { get; init; }

    /// <summary>Roles that may use it.</summary>
    public IReadOnlyList<string> UsableBy { get; init; } = [];

    /// <summary>The field that asks for it.</summary>
    public string FieldPath { get; init; } = "";
}
