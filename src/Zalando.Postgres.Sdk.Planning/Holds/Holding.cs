using System.Globalization;
using Zalando.Postgres.Sdk.Planning.Clusters;

namespace Zalando.Postgres.Sdk.Planning.Holds;

/// <summary>Holds everything back while the cluster is paused.</summary>
internal static class Holding
{
    public static void Apply(ClusterContext context, List<PlannedChange> changes, List<PendingChange> pending)
    {
        if (!ClusterPause.IsPaused(context.Manifest, context.Input.Now, out var until)) return;
        var text = until is { } end ? $"the cluster is paused until {Utc(end)}" : "the cluster is paused until spec.paused is taken back";
        for (var i = 0; i < pending.Count; i++) pending[i] = pending[i] with { WaitsFor = WaitReason.Paused, Explanation = text, Until = until, Approval = null };
        pending.InsertRange(0, changes.Select(c => new PendingChange { Change = c, WaitsFor = WaitReason.Paused, Explanation = text, Until = until }));
        changes.Clear();
    }

    public static string Utc(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) + " UTC";

    public static string Path(string annotation) => $"metadata.annotations[{annotation}]";
}
