namespace Zalando.Postgres.Sdk.Planning.Roles;

/// <summary>A role that the operator configuration defines for all clusters, read by <see cref="InfrastructureRoleReader"/>.</summary>
public sealed record InfrastructureRole
{
    /// <summary>Name.</summary>
    public required string Name { get; init; }

    /// <summary>Password as the administrator's Secret holds it.</summary>
    public required RolePassword Password { get; init; }

    /// <summary>Flags as written.</summary>
    public IReadOnlyList<string> Flags { get; init; } = [];

    /// <summary>Roles it is a member of.</summary>
    public IReadOnlyList<string> MemberOf { get; init; } = [];

    /// <summary>Settings of its sessions.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Role that may grant it to others; null for none.</summary>
    public string? AdminRole { get; init; }
}
