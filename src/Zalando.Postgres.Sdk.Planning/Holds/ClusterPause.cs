using Zalando.Postgres.Sdk.Resources;

namespace Zalando.Postgres.Sdk.Planning;

/// <summary>Whether the owner has asked the operator to leave a cluster alone (<c>spec.paused</c>). Deletion is not held back.</summary>
public static class ClusterPause
{
    /// <summary>Whether the cluster is paused at a time.</summary>
    /// <param name="manifest">The manifest.</param>
    /// <param name="now">The time.</param>
    /// <param name="until">When the pause ends by itself (<c>spec.pausedUntil</c>); null when it does not.</param>
    public static bool IsPaused(Postgresql manifest, DateTimeOffset now, out DateTimeOffset? until)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        until = null;
        if (manifest.Spec.Paused != true) return false;
        if (manifest.Spec.PausedUntil is not { } end) return true;
        if (end.Value <= now) return false;
        until = end.Value;
        return true;
    }
}
