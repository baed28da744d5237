using System.Globalization;
using Zalando.Postgres.Sdk.Planning.Clusters;

namespace Zalando.Postgres.Sdk.Planning.Upgrade;

/// <summary>When a cluster may be interrupted for maintenance: windows of the manifest, else of the configuration, in UTC.</summary>
internal static class MaintenanceWindows
{
    private static readonly string[] Days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

    public static bool IsOpen(ClusterContext context)
    {
        var windows = Of(context);
        if (windows.Count == 0) return true;
        var minute = new TimeOnly(context.Input.Now.UtcDateTime.Hour, context.Input.Now.UtcDateTime.Minute);
        return windows.Any(w => (w.Day is null || w.Day == context.Input.Now.UtcDateTime.DayOfWeek) && w.Start <= minute && minute <= w.End);
    }

    /// <summary>When the next window opens; null when none ever does.</summary>
    public static DateTimeOffset? NextOpening(ClusterContext context)
    {
        var now = context.Input.Now.ToUniversalTime();
        var openings = new List<DateTimeOffset>();
        foreach (var window in Of(context))
        {
            for (var day = 0; day <= 7; day++)
            {
                var start = new DateTimeOffset(DateOnly.FromDateTime(now.UtcDateTime).AddDays(day), window.Start, TimeSpan.Zero);
                if (start <= now || (window.Day is { } weekday && start.DayOfWeek != weekday)) continue;
                openings.Add(start);
                break;
            }
        }

        return openings.Count == 0 ? null : openings.Min();
    }

    public static bool TryParse(string text, out (DayOfWeek? Day, TimeOnly Start, TimeOnly End) window)
    {
        window = default;
        var rest = text.Trim();
        DayOfWeek? day = null;
        if (rest.Length > 4 && rest[3] == ':')
        {
            var index = Array.FindIndex(Days, d => rest.StartsWith(d, StringComparison.OrdinalIgnoreCase));
            if (index >= 0)
            {
                day = (DayOfWeek)index;
                rest = rest[4..];
            }
        }

        var parts = rest.Split('-');
        if (parts.Length != 2 || !Time(parts[0], out var start) || !Time(parts[1], out var end) || end < start) return false;
        window = (day, start, end);
        return true;

        static bool Time(string part, out TimeOnly time) =>
            TimeOnly.TryParseExact(part, ["HH:mm", "H:mm"], CultureInfo.InvariantCulture, DateTimeStyles.None, out time);
    }

    private static IReadOnlyList<(DayOfWeek? Day, TimeOnly Start, TimeOnly End)> Of(ClusterContext context)
    {
        if (!context.Settings.EnableMaintenanceWindows) return [];
        var texts = context.Spec.MaintenanceWindows is { Count: > 0 } own ? own : context.Settings.MaintenanceWindows;
        return [.. texts.Select(t => TryParse(t, out var window) ? window : (((DayOfWeek?, TimeOnly, TimeOnly)?)null)).Where(w => w is not null).Select(w => w!.Value)];
    }
}
