using System.Globalization;

namespace Zalando.Postgres.Sdk.Planning.Roles;

/// <summary>Names of dated roles that stand in for a role while its password is rotated: the name and the day as <c>yyMMdd</c>.</summary>
public static class RotatedName
{
    private const string DateFormat = "yyMMdd";

    /// <summary>The dated name.</summary>
    /// <param name="role">Name of the role.</param>
    /// <param name="day">The day of the rotation.</param>
    public static string For(string role, DateTimeOffset day) => role + day.UtcDateTime.ToString(DateFormat, CultureInfo.InvariantCulture);

    /// <summary>Whether a name is exactly the role's name and six digits of a real date. Roles that merely begin alike are not ours.</summary>
    /// <param name="role">Name of the role.</param>
    /// <param name="name">The name to judge.</param>
    public static bool IsOf(string role, string name) => DayOf(role, name) is not null;

    /// <summary>The day (UTC) in a dated name; null when the name is no dated name of the role.</summary>
    /// <param name="role">Name of the role.</param>
    /// <param name="name">The name to judge.</param>
    public static DateTimeOffset? DayOf(string role, string name)
    {
        ArgumentNullException.ThrowIfNull(role);
        ArgumentNullException.ThrowIfNull(name);
        if (name.Length != role.Length + 6 || !name.StartsWith(role, StringComparison.Ordinal)) return null;
        var digits = name.AsSpan(role.Length);
        foreach (var digit in digits)
        {
            if (!char.IsAsciiDigit(digit)) return null;
        }

        // A calendar without the two-digit pivot of the culture: these names are younger than the year 2000.
        return DateTimeOffset.TryParseExact(string.Concat("20", digits), "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var day) ? day : null;
    }
}
