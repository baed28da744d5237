namespace Zalando.Postgres.Sdk.Planning.Databases;

/// <summary>The lookup function of the connection pooler as a database has it.</summary>
public sealed record ObservedLookup
{
    /// <summary>Owner of the function.</summary>
    public required string Owner { get; init; }

    /// <summary>Source between its delimiters.</summary>
    public required string Source { get; init; }

    /// <summary>Language it is written in.</summary>
    /// <value>Default: <c>plpgsql</c>.</value>
    public string Language { get; init; } = "plpgsql";

    /// <summary>Whether it runs with the rights of its owner.</summary>
    public bool SecurityDefiner { get; init; }

    /// <summary>Whether it can answer no row; otherwise it answers a row without values for a role that it does not know.</summary>
    public bool ReturnsSet { get; init; }

    /// <summary>Settings that it pins, as <c>name=value</c>.</summary>
    public IReadOnlyList<string> Settings { get; init; } = [];

    /// <summary>Roles that may call it, without its owner; an empty name is PUBLIC.</summary>
    public IReadOnlySet<string> CallableBy { get; init; } = new HashSet<string>(StringComparer.Ordinal);
}
