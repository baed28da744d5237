using System.Text.RegularExpressions;

namespace Zalando.Postgres.Sdk.Resources.Validation;

/// <summary>Maintenance windows and pausing.</summary>
internal static partial class MaintenanceRules
{
    internal static void Check(PostgresqlSpec spec, FindingCollector findings)
    {
        var windows = spec.MaintenanceWindows ?? [];
        for (var i = 0; i < windows.Count; i++) CheckWindow($"spec.maintenanceWindows[{i}]", windows[i], findings);
        if (spec.PausedUntil is { } until && spec.Paused != true)
            findings.Warn("spec.pausedUntil", until.ToString(), "Paused", "has no effect while paused is not true", "Write paused: true, or delete the line");
    }

    internal static void CheckWindow(string path, string? text, FindingCollector findings)
    {
        if (!MaintenanceWindow.TryParse(text, out var window))
        {
            findings.Error(path, text, "MaintenanceWindow", "must be HH:MM-HH:MM, or a weekday (Mon, Tue, Wed, Thu, Fri, Sat, Sun) and :HH:MM-HH:MM", "For example 01:00-06:00 or Sat:20:00-23:59; times are UTC");
            return;
        }
        if (window.EndsOnNextDay)
            findings.Inform(path, text, "MaintenanceWindowOvernight", $"reaches over midnight, into {(window.Weekday is { } day ? NextDay(day) : "the next day")}; the reference operator would refuse it", "Write two windows, one up to 23:59 and one from 00:00, if a manifest must serve both");
        else if (window.Start == window.End)
            findings.Warn(path, text, "MaintenanceWindowShort", "is one minute long", "Long work needs hours; a window that is too short never lets anything happen");
        if (!StrictForm().IsMatch(text)) findings.Warn(path, text, "MaintenanceWindowForm", "has blanks or one-digit minutes, which the reference operator refuses", $"Write {window}");
    }

    private static string NextDay(DayOfWeek day) => ((DayOfWeek)(((int)day + 1) % 7)).ToString();

    [GeneratedRegex("^(...:)?[0-9]{1,2}:[0-9]{2}-[0-9]{1,2}:[0-9]{2}$", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex StrictForm();
}
