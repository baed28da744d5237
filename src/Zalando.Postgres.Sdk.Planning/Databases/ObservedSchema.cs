namespace Zalando.Postgres.Sdk.Planning.Databases;

/// <summary>A schema as the server has it.</summary>
public sealed record ObservedSchema
{
    /// <summary>Name.</summary>
    public required string Name { get; init; }

    /// <summary>Owner.</summary>
    public required string Owner { get; init; }

    /// <summary>Roles with USAGE that was granted to them by name; an empty name is PUBLIC.</summary>
    public IReadOnlySet<string> UsableBy { get; init; } = new HashSet<string>(StringComparer.Ordinal);

    /// <summary>Roles besides the owner that may create in it; an empty name is PUBLIC.</summary>
    public IReadOnlySet<string> CreatableBy { get; init; } = new HashSet<string>(StringComparer.Ordinal);
}
