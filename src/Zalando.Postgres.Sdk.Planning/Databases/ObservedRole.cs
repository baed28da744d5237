using System.Text.Json.Serialization;
using Zalando.Postgres.Sdk.Planning.Roles;

namespace Zalando.Postgres.Sdk.Planning.Databases;

/// <summary>A role as the server has it.</summary>
public sealed record ObservedRole
{
    /// <summary>Name.</summary>
    public required string Name { get; init; }

    /// <summary>Attributes.</summary>
    public required RoleAttributes Attributes { get; init; }

    /// <summary>What is stored of its password; null for nothing.</summary>
    [JsonIgnore]
    public RolePassword? StoredPassword { get; init; }

    /// <summary>Its settings for all databases.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Its comment; null for none.</summary>
    public string? Comment { get; init; }

    /// <summary>Objects that it owns or has privileges on, in all databases; <c>DROP ROLE</c> needs 0.</summary>
    public int Dependencies { get; init; }
}
