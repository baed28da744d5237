using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning.Clusters;
using Zalando.Postgres.Sdk.Planning.Json;
using Zalando.Postgres.Sdk.Planning.Upgrade;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Planning.Restarts;

/// <summary>Restarts of one cluster are held back: what they wait for.</summary>
/// <remarks>While they are, the templates of pods stay as they are: a pod that dies comes back as it was, and nothing has to be remembered outside of
/// the manifest, because the difference stays visible.</remarks>
/// <param name="WaitsFor">The window or the owner.</param>
/// <param name="Explanation">The same as a sentence.</param>
/// <param name="Until">When the window opens; null when no time is known.</param>
/// <param name="Approval">The value that approves them.</param>
internal sealed record RestartHold(WaitReason WaitsFor, string Explanation, DateTimeOffset? Until, string Approval)
{
    /// <summary>What holds the restarts of a cluster back; null when nothing does.</summary>
    /// <param name="context">The cluster.</param>
    /// <param name="desired">Gives its desired objects; only asked for when a policy holds restarts back.</param>
    public static RestartHold? Of(ClusterContext context, Func<IReadOnlyList<DesiredObject>> desired)
    {
        var policy = PolicyOf(context);
        if (policy == RestartPolicy.Immediately || (policy == RestartPolicy.MaintenanceWindow && MaintenanceWindows.IsOpen(context))) return null;
        var approval = ApprovalOf(context, desired());
        if (context.Manifest.Metadata.Annotations?.GetValueOrDefault(RestartAnnotations.Approval) == approval) return null;
        return policy == RestartPolicy.MaintenanceWindow
            ? new(WaitReason.MaintenanceWindow, "restarts wait for the maintenance window", MaintenanceWindows.NextOpening(context), approval)
            : new(WaitReason.Approval, $"restarts wait for the owner's approval (annotation {RestartAnnotations.Approval})", null, approval);
    }

    /// <summary>The change as a pending one.</summary>
    public PendingChange Hold(PlannedChange change) => new() { Change = change, WaitsFor = WaitsFor, Explanation = Explanation, Until = Until, Approval = Approval };

    private static RestartPolicy PolicyOf(ClusterContext context)
    {
        if (context.Manifest.Metadata.Annotations?.GetValueOrDefault(RestartAnnotations.Policy) is not { } text) return context.Input.RestartPolicy;
        switch (text.Trim())
        {
            case "immediately": return RestartPolicy.Immediately;
            case "window": return RestartPolicy.MaintenanceWindow;
            case "approval": return RestartPolicy.Approval;
            default:
                // Whoever wrote it wanted to hold something back.
                context.Warn("UnknownRestartPolicy", $"metadata.annotations[{RestartAnnotations.Policy}]",
                    "The value must be immediately, window or approval. Until it is one of them, restarts wait for an approval.", text);
                return RestartPolicy.Approval;
        }
    }

    // Everything that restarts are made for, and nothing that changes while they are under way.
    private static string ApprovalOf(ClusterContext context, IReadOnlyList<DesiredObject> desired)
    {
        var text = new StringBuilder(4096).Append(context.Key).Append('\n').Append(context.Manifest.Metadata.Uid).Append('\n').Append(PostgresVersion.Desired(context)).Append('\n');
        foreach (var item in desired.Where(d => d.Kind.Equals(KubernetesKinds.StatefulSet) || d.Kind.Equals(KubernetesKinds.Deployment)))
            text.Append(item.Name).Append(' ').Append(item.Body.At("spec", "template")?.ToJsonString()).Append('\n');
        foreach (var (name, value) in (context.Spec.Postgresql.Parameters ?? new Dictionary<string, string>()).OrderBy(p => p.Key, StringComparer.Ordinal))
            text.Append(name).Append('=').Append(value).Append('\n');
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }
}
