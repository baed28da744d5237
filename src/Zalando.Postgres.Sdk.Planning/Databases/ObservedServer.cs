using Zalando.Postgres.Sdk.Planning.Roles;

namespace Zalando.Postgres.Sdk.Planning.Databases;

/// <summary>The catalogue of a PostgreSQL server as data.</summary>
public sealed record ObservedServer
{
    /// <summary>Version as a number, for example 150008.</summary>
    public int Version { get; init; }

    /// <summary>Whether it is a standby, which takes no changes.</summary>
    public bool IsInRecovery { get; init; }

    /// <summary>Roles by name, without those of the system.</summary>
    public IReadOnlyDictionary<string, ObservedRole> Roles { get; init; } = new Dictionary<string, ObservedRole>(StringComparer.Ordinal);

    /// <summary>Names of the roles that PostgreSQL itself brings (<c>pg_monitor</c> and others).</summary>
    public IReadOnlySet<string> SystemRoles { get; init; } = new HashSet<string>(StringComparer.Ordinal);

    /// <summary>Memberships.</summary>
    public IReadOnlySet<RoleGrant> Grants { get; init; } = new HashSet<RoleGrant>();

    /// <summary>Databases by name.</summary>
    public IReadOnlyDictionary<string, ObservedDatabase> Databases { get; init; } = new Dictionary<string, ObservedDatabase>(StringComparer.Ordinal);

    /// <summary>The <c>wal_level</c> that is in force; null when not asked.</summary>
    public string? WalLevel { get; init; }

    /// <summary>Extensions that can be installed; null when not asked.</summary>
    public IReadOnlySet<string>? AvailableExtensions { get; init; }
}
