using Zalando.Postgres.Sdk.Planning.Roles;
using Zalando.Postgres.Sdk.Resources.Configuration;

namespace Zalando.Postgres.Sdk.Planning.Databases;

/// <summary>Removes dated roles whose retention is over.</summary>
/// <remarks>A role goes only with our mark, which we give to the role that a Secret names: a role that somebody made by hand stays whatever it is called.</remarks>
internal sealed class RotatedRolePlanner(DesiredRoles roles, ObservedServer observed, OperatorSettings settings, DateTimeOffset now, ChangeList changes)
{
    private const string Maintenance = "postgres";
    private const string Prefix = "postgres-operator: rotated role of ";

    /// <summary>Comment of the dated roles of a role.</summary>
    public static string MarkOf(string role) => Prefix + role;

    public void Plan()
    {
        var retention = PasswordRotation.RetentionOf(settings);
        foreach (var role in observed.Roles.Values.Where(r => r.Comment?.StartsWith(Prefix, StringComparison.Ordinal) == true).OrderBy(r => r.Name, StringComparer.Ordinal))
        {
            var original = role.Comment![Prefix.Length..];
            if (roles.Roles.ContainsKey(role.Name) || RotatedName.DayOf(original, role.Name) is not { } day || !IsInUseKnown(original)) continue;
            if (day >= now - retention)
            {
                changes.NoteEndOfRetention(day + retention);
                continue;
            }

            var field = roles.Roles.GetValueOrDefault(original)?.FieldPath ?? "configuration.users.password_rotation_user_retention";
            if (role.Dependencies > 0)
            {
                changes.Find(FindingSeverity.Warning, "RotatedRoleInUse", field, role.Name, $"the retention of the rotated role \"{role.Name}\" is over but {role.Dependencies} objects belong to it or name it in their privileges. Give them away with REASSIGN OWNED BY \"{role.Name}\" TO \"{original}\" and DROP OWNED.");
                continue;
            }

            changes.Add(new DropRole { Database = Maintenance, Role = role.Name }, field, role.Name, null, Requester.Schedule, $"the retention of {retention.TotalDays:0} days of the rotated role is over", Reversibility.Irreversible);
        }
    }

    // Without its Secret nobody knows which dated role is the one in use.
    private bool IsInUseKnown(string original) =>
        roles.Roles.GetValueOrDefault(original)?.Password is not null || roles.Roles.Values.Any(r => r.RotationOf == original);
}
