using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;

namespace Zalando.Postgres.Sdk.Planning.Roles;

/// <summary>All roles that a cluster has to have, and what could not be followed.</summary>
public sealed record DesiredRoles
{
    /// <summary>Name of the role for event streams.</summary>
    public const string StreamUser = "fes_user";

    /// <summary>The roles by name, ordered by name.</summary>
    public required IReadOnlyDictionary<string, DesiredRole> Roles { get; init; }

    /// <summary>Roles that the manifest declares absent (<c>spec.userOptions[x].state: absent</c>): they lose their login and go once they own nothing.</summary>
    public IReadOnlyList<string> Absent { get; init; } = [];

    /// <summary>Whether the members of all teams are known. When not, roles of persons are neither taken away nor deprecated.</summary>
    public bool TeamsKnown { get; init; }

    /// <summary>Refusals and hints. An error means that the roles must not be applied.</summary>
    public IReadOnlyList<Finding> Findings { get; init; } = [];

    /// <summary>The super user, which the operator connects with.</summary>
    public DesiredRole Superuser => Roles.Values.First(r => r.SystemKey == "superuser");

    /// <summary>The replication user; the super user when a configuration gives both one name, which is an error.</summary>
    public DesiredRole Replication => Roles.Values.FirstOrDefault(r => r.SystemKey == "replication") ?? Superuser;

    /// <summary>The user of the connection pooler; null without a pooler.</summary>
    public DesiredRole? Pooler => Roles.Values.FirstOrDefault(r => r.SystemKey == "pooler");

    /// <summary>Works out the roles of a cluster.</summary>
    /// <param name="manifest">The cluster.</param>
    /// <param name="settings">The operator's settings.</param>
    /// <param name="inputs">Infrastructure roles and teams.</param>
    public static DesiredRoles Build(Postgresql manifest, OperatorSettings settings, RoleInputs inputs)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(inputs);
        return new DesiredRolesBuilder(manifest, settings, inputs).Build();
    }

    /// <summary>The same roles with the passwords of their Secrets. A Secret that holds a dated user name adds that role: it stands in for the original one.</summary>
    /// <param name="find">Gives what the Secret of a role holds; null when it does not exist or is not readable.</param>
    /// <remarks>A Secret may name the role itself or the role with six digits of a date; every other name is refused, so nobody who can edit
    /// a Secret reaches another role.</remarks>
    public DesiredRoles WithPasswords(Func<DesiredRole, SecretCredentials?> find)
    {
        ArgumentNullException.ThrowIfNull(find);
        var roles = new SortedDictionary<string, DesiredRole>(StringComparer.Ordinal);
        var findings = Findings.ToList();
        foreach (var role in Roles.Values)
        {
            roles[role.Name] = role;
            if (!role.HasSecret || role.Origin == RoleOrigin.Infrastructure || find(role) is not { } credentials) continue;
            if (credentials.Next is { } next)
            {
                if (next.UserName == role.Name) roles[role.Name] = role with { NextPassword = next.Password };
                else if (IsDated(role, next.UserName)) roles[next.UserName] = Dated(role, next);
            }

            if (credentials.UserName == role.Name) roles[role.Name] = roles[role.Name] with { Password = credentials.Password };
            else if (IsDated(role, credentials.UserName)) roles[credentials.UserName] = Dated(role, credentials);
            else
            {
                findings.Add(new()
                {
                    Severity = FindingSeverity.Warning,
                    Code = "SecretUserName",
                    FieldPath = role.FieldPath,
                    Value = credentials.UserName,
                    Rule = $"The Secret {role.SecretNamespace}/{role.SecretName} belongs to the role \"{role.Name}\" but names \"{credentials.UserName}\"; its password is not used. "
                        + $"Write \"{role.Name}\" into its key username, or give one of two roles whose Secrets have the same name another name.",
                });
            }
        }

        return this with { Roles = roles, Findings = findings };
    }

    // Whoever can edit a Secret must not reach another role through it.
    private bool IsDated(DesiredRole role, string name) =>
        RotatedName.IsOf(role.Name, name) && role.Origin is not RoleOrigin.System && RoleName.WhyNotARole(name) is null && !Roles.ContainsKey(name);

    private static DesiredRole Dated(DesiredRole role, SecretCredentials credentials) => role with
    {
        Name = credentials.UserName,
        Password = credentials.Password,
        NextPassword = null,
        MemberOf = [role.Name],
        HasSecret = false,
        SecretName = null,
        SecretNamespace = null,
        RotationOf = role.Name,
    };
}
