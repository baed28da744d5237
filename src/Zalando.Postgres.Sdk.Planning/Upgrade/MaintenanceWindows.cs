using Zalando.Postgres.Sdk.Planning.Clusters;
using Zalando.Postgres.Sdk.Resources;

namespace Zalando.Postgres.Sdk.Planning.Upgrade;

/// <summary>When a cluster may be interrupted for maintenance: windows of the manifest, else of the configuration, in UTC.</summary>
internal static class MaintenanceWindows
{
    public static bool IsOpen(ClusterContext context)
    {
        var windows = Of(context);
        return windows is null || windows.Any(w => w.Contains(context.Input.Now));
    }

    /// <summary>When the next window opens, or now when one is open; null when there are none.</summary>
    public static DateTimeOffset? NextOpening(ClusterContext context)
    {
        var windows = Of(context);
        return windows is not { Count: > 0 } ? null : windows.Min(w => w.NextOpening(context.Input.Now));
    }

    // Null when nobody asks for windows. Unreadable ones never open: a misspelled night must not become all day.
    private static IReadOnlyList<MaintenanceWindow>? Of(ClusterContext context)
    {
        if (!context.Settings.EnableMaintenanceWindows) return null;
        var texts = context.Spec.MaintenanceWindows is { Count: > 0 } own ? own : context.Settings.MaintenanceWindows;
        if (texts.Count == 0) return null;
        return [.. texts.Select(static t => MaintenanceWindow.TryParse(t, out var window) ? window : null).OfType<MaintenanceWindow>()];
    }
}
