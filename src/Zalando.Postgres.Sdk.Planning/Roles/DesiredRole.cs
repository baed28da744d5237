using System.Text.Json.Serialization;

namespace Zalando.Postgres.Sdk.Planning.Roles;

/// <summary>A role that a cluster has to have.</summary>
public sealed record DesiredRole
{
    /// <summary>Name in the database.</summary>
    public required string Name { get; init; }

    /// <summary>Where the definition comes from.</summary>
    public required RoleOrigin Origin { get; init; }

    /// <summary>The field that asks for it, for example <c>spec.users[foo]</c>.</summary>
    public string FieldPath { get; init; } = "";

    /// <summary>The attributes it has to have. Those of the super user and the replication user are left as they are.</summary>
    /// <value>Default: none, not even login.</value>
    public RoleAttributes Attributes { get; init; } = RoleAttributes.NoLogin;

    /// <summary>Roles it is a member of, in the order of the definition.</summary>
    public IReadOnlyList<string> MemberOf { get; init; } = [];

    /// <summary>Role that is made a member of this one and may grant it to others; null for none.</summary>
    public string? AdminRole { get; init; }

    /// <summary>Settings of its sessions, as written by their author.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Whether it owns a database of the manifest.</summary>
    public bool IsDatabaseOwner { get; init; }

    /// <summary>Key among the system users (<c>superuser</c>, <c>replication</c>, <c>pooler</c>, <c>streamer</c>); null for other roles.</summary>
    public string? SystemKey { get; init; }

    /// <summary>Whether a Secret with its password is kept.</summary>
    public bool HasSecret { get; init; }

    /// <summary>Name of that Secret; null without one.</summary>
    public string? SecretName { get; init; }

    /// <summary>Namespace of that Secret; null without one.</summary>
    public string? SecretNamespace { get; init; }

    /// <summary>The password it has to have; null when it is not known or when the role has none, then the stored one stays.</summary>
    /// <remarks>Infrastructure roles bring theirs along; for the others the Secret's is filled in with <see cref="DesiredRoles.WithPasswords"/>.</remarks>
    [JsonIgnore]
    public RolePassword? Password { get; init; }

    /// <summary>The password that a rotation under way is about to give it; it counts as right when the role has it already. Null for none.</summary>
    [JsonIgnore]
    public RolePassword? NextPassword { get; init; }

    /// <summary>The role that this dated one stands in for while its password is rotated; null for ordinary roles.</summary>
    public string? RotationOf { get; init; }

    /// <summary>The memberships it asks for.</summary>
    [JsonIgnore]
    public IEnumerable<RoleGrant> Grants => AdminRole is null
        ? MemberOf.Select(group => new RoleGrant(group, Name, false))
        : MemberOf.Select(group => new RoleGrant(group, Name, false)).Append(new RoleGrant(Name, AdminRole, true));
}
