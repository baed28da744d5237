using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Configuration;

namespace Zalando.Postgres.Sdk.Planning.Roles;

/// <summary>Decides day by day about rotating passwords. Pure: the day arrives as data.</summary>
public static class PasswordRotation
{
    /// <summary>What to do with the Secret of a role.</summary>
    /// <param name="role">The role.</param>
    /// <param name="spec">The manifest's spec.</param>
    /// <param name="settings">The operator's settings.</param>
    /// <param name="userName">Value of the Secret's key <c>username</c>.</param>
    /// <param name="nextRotation">Value of its key <c>nextRotation</c>; null or no date counts as none.</param>
    /// <param name="now">The present time.</param>
    public static RotationDecision Decide(DesiredRole role, PostgresqlSpec spec, OperatorSettings settings, string userName, string? nextRotation, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(role);
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(userName);
        if (!IsOurs(role, userName)) return RotationDecision.None;
        var dated = RotatedName.IsOf(role.Name, userName);
        if (!Rotates(role, spec, settings))
        {
            return dated
                ? new() { Kind = RotationKind.Reset, UserName = role.Name, Reason = "rotation is switched off, the role gets its own name back" }
                : RotationDecision.None;
        }

        var interval = IntervalOf(settings);
        var next = now + interval;
        var inPlace = InPlace(role, spec);
        if (DateOf(nextRotation) is not { } due) return new() { Kind = RotationKind.Schedule, UserName = userName, NextRotation = next, Reason = "the first rotation gets its date" };
        if (dated && inPlace) return new() { Kind = RotationKind.NewPassword, UserName = role.Name, NextRotation = next, Reason = "the role is rotated in place from now on" };
        if (now > due)
        {
            return inPlace
                ? new() { Kind = RotationKind.NewPassword, UserName = role.Name, NextRotation = next, Reason = $"the rotation was due on {due:u}" }
                : new() { Kind = RotationKind.NewRole, UserName = RotatedName.For(role.Name, now), NextRotation = next, Reason = $"the rotation was due on {due:u}" };
        }

        // A shorter interval counts from today on; the reference keeps the later date.
        return due > next
            ? new() { Kind = RotationKind.Schedule, UserName = userName, NextRotation = next, Reason = "the interval became shorter" }
            : RotationDecision.None;
    }

    /// <summary>The date after which the password of a role is rotated; null when it is not rotated, or has no date yet.</summary>
    /// <param name="role">The role.</param>
    /// <param name="spec">The manifest's spec.</param>
    /// <param name="settings">The operator's settings.</param>
    /// <param name="userName">Value of the Secret's key <c>username</c>.</param>
    /// <param name="nextRotation">Value of its key <c>nextRotation</c>; null or no date counts as none.</param>
    public static DateTimeOffset? DueAt(DesiredRole role, PostgresqlSpec spec, OperatorSettings settings, string userName, string? nextRotation)
    {
        ArgumentNullException.ThrowIfNull(role);
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(userName);
        return IsOurs(role, userName) && Rotates(role, spec, settings) ? DateOf(nextRotation) : null;
    }

    /// <summary>How long a dated role stays after its day: at least two intervals, so that the role in use and the one before it are never over.</summary>
    /// <param name="settings">The operator's settings.</param>
    public static TimeSpan RetentionOf(OperatorSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return TimeSpan.FromDays(Math.Max(settings.Users.PasswordRotationUserRetention, 2 * Math.Max(1, settings.Users.PasswordRotationInterval)));
    }

    /// <summary>Dated roles whose retention is over: only exact names of this role with a date, and never the one in use.</summary>
    /// <param name="role">Name of the role.</param>
    /// <param name="inUse">User name that its Secret holds.</param>
    /// <param name="existing">Names of the roles on the server.</param>
    /// <param name="desired">The roles of the cluster; none of them is ever named.</param>
    /// <param name="settings">The operator's settings.</param>
    /// <param name="now">The present time.</param>
    public static IReadOnlyList<string> Expired(string role, string inUse, IEnumerable<string> existing, DesiredRoles desired, OperatorSettings settings, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(existing);
        ArgumentNullException.ThrowIfNull(desired);
        ArgumentNullException.ThrowIfNull(settings);
        var retention = RetentionOf(settings);
        return existing.Where(name => name != inUse && !desired.Roles.ContainsKey(name) && RotatedName.DayOf(role, name) is { } day && day < now - retention)
            .Order(StringComparer.Ordinal).ToArray();
    }

    internal static TimeSpan IntervalOf(OperatorSettings settings) => TimeSpan.FromDays(Math.Max(1, settings.Users.PasswordRotationInterval));

    internal static bool Rotates(DesiredRole role, PostgresqlSpec spec, OperatorSettings settings)
    {
        if (spec.UsersIgnoringSecretRotation?.Contains(role.Name, StringComparer.Ordinal) == true) return false;
        // Nobody can log in with a super user or replication user of another name: they are rotated in place or not at all.
        if (role.Origin == RoleOrigin.System) return InPlace(role, spec);
        return InPlace(role, spec) || spec.UsersWithSecretRotation?.Contains(role.Name, StringComparer.Ordinal) == true
            || (settings.Users.EnablePasswordRotation && !role.IsDatabaseOwner && role.Origin is RoleOrigin.Manifest or RoleOrigin.PreparedDatabase);
    }

    private static bool IsOurs(DesiredRole role, string userName) =>
        role.HasSecret && role.Origin is not (RoleOrigin.Infrastructure or RoleOrigin.Team) && (userName == role.Name || RotatedName.IsOf(role.Name, userName));

    private static DateTimeOffset? DateOf(string? text) =>
        DateTimeOffset.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeUniversal, out var date) ? date : null;

    private static bool InPlace(DesiredRole role, PostgresqlSpec spec) => spec.UsersWithInPlaceSecretRotation?.Contains(role.Name, StringComparer.Ordinal) == true;
}
