namespace Zalando.Postgres.Sdk.Planning.Databases;

/// <summary>A database as the server has it.</summary>
public sealed record ObservedDatabase
{
    /// <summary>Name.</summary>
    public required string Name { get; init; }

    /// <summary>Owner.</summary>
    public required string Owner { get; init; }

    /// <summary>Whether connections to it are allowed.</summary>
    public bool AllowsConnections { get; init; } = true;

    /// <summary>Whether it is a template.</summary>
    public bool IsTemplate { get; init; }

    /// <summary>Its comment; null for none.</summary>
    public string? Comment { get; init; }

    /// <summary>What is inside; null when nobody looked.</summary>
    public ObservedContents? Contents { get; init; }

    /// <summary>Why nobody could look, in the server's words; null otherwise.</summary>
    public string? Failure { get; init; }
}
