using System.Globalization;
using System.Text.Json.Nodes;
using Zalando.Postgres.Sdk.Planning.Clusters;
using Zalando.Postgres.Sdk.Planning.Json;
using Zalando.Postgres.Sdk.Planning.Services;
using Zalando.Postgres.Sdk.Planning.StatefulSets;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Planning.Pods;

/// <summary>What planning needs to know of one database pod.</summary>
internal sealed record DatabasePod
{
    /// <summary>Marks a pod that has to be made again. The mark is in the cluster, so that the work survives the operator.</summary>
    public const string RecreateAnnotation = "zalando-postgres-operator-rolling-update-required";

    /// <summary>Why the pod is marked, for whoever goes on with it.</summary>
    public const string CauseAnnotation = "acid.zalan.do/restart-cause";

    /// <summary>Settings and the time from which all members can be expected to have read them, as <c>hash@time</c>.</summary>
    public const string SettledAnnotation = "acid.zalan.do/settings-settled";

    private static readonly HashSet<string> FailedReasons = new(StringComparer.Ordinal)
    {
        "ImagePullBackOff", "ErrImagePull", "InvalidImageName", "CrashLoopBackOff", "CreateContainerConfigError", "CreateContainerError", "RunContainerError",
    };

    public required string Name { get; init; }

    public required int Ordinal { get; init; }

    public string? Uid { get; init; }

    public required JsonObject Source { get; init; }

    public bool IsPrimary { get; init; }

    public bool IsReplica { get; init; }

    public bool IsMarked { get; init; }

    public string? MarkCause { get; init; }

    public string? Settled { get; init; }

    /// <summary>The value of <see cref="PodNotes.ResizeInPlace"/>.</summary>
    public string? Resize { get; init; }

    public bool IsReady { get; init; }

    public bool IsDeleting { get; init; }

    /// <summary>A container waits or has ended, or the pod is in no running phase: waiting alone may not help it.</summary>
    public bool IsStuck { get; init; }

    /// <summary>Why a container cannot be started; null when none fails.</summary>
    public string? Failure { get; init; }

    /// <summary>The kubelet's or the scheduler's own words about a pod that does not start; null when they say nothing.</summary>
    public string? FailureMessage { get; init; }

    public DateTimeOffset? CreatedAt { get; init; }

    public string? NodeName { get; init; }

    /// <summary>The scheduler has said that no node takes it.</summary>
    public bool IsUnschedulable { get; init; }

    public string? PostgresImage { get; init; }

    public static IReadOnlyList<DatabasePod> List(ClusterContext context)
    {
        var pods = new List<DatabasePod>();
        foreach (var pod in context.Observed.List(KubernetesKinds.Pod, context.Namespace))
        {
            // The name is part of the condition: with unusual cluster labels pods of poolers match them, too.
            if (pod["metadata"] is not JsonObject metadata || OrdinalOf(context.Name, metadata.Text("name") ?? "") is not { } ordinal) continue;
            if (context.BaseLabels.Any(l => metadata.Text("labels", l.Key) != l.Value)) continue;
            pods.Add(Of(context, pod, metadata, ordinal));
        }

        return [.. pods.OrderBy(p => p.Ordinal)];
    }

    public static int? OrdinalOf(string prefix, string name) =>
        name.Length > prefix.Length + 1 && name.StartsWith(prefix, StringComparison.Ordinal) && name[prefix.Length] == '-'
            && int.TryParse(name.AsSpan(prefix.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var ordinal) ? ordinal : null;

    private static DatabasePod Of(ClusterContext context, JsonObject pod, JsonObject metadata, int ordinal)
    {
        var role = metadata.Text("labels", context.Settings.Kubernetes.PodRoleLabel);
        var states = pod.Items("status", "initContainerStatuses").Concat(pod.Items("status", "containerStatuses")).ToArray();
        var unscheduled = pod.Items("status", "conditions").FirstOrDefault(c => c.Text("type") == "PodScheduled" && c.Text("status") == "False");
        var phase = pod.Text("status", "phase");
        return new DatabasePod
        {
            Name = metadata.Text("name")!,
            Ordinal = ordinal,
            Uid = metadata.Text("uid"),
            Source = pod,
            IsPrimary = role == ClusterRoles.Primary,
            IsReplica = role == ClusterRoles.Replica,
            IsMarked = bool.TryParse(metadata.Text("annotations", RecreateAnnotation), out var marked) && marked,
            MarkCause = metadata.Text("annotations", CauseAnnotation),
            Settled = metadata.Text("annotations", SettledAnnotation),
            Resize = metadata.Text("annotations", PodNotes.ResizeInPlace),
            IsDeleting = metadata["deletionTimestamp"] is not null,
            IsReady = pod.Items("status", "conditions").Any(c => c.Text("type") == "Ready" && c.Text("status") == "True"),
            FailureMessage = states.Select(s => s.Text("state", "waiting", "message") ?? s.Text("lastState", "terminated", "message")).FirstOrDefault(m => !string.IsNullOrEmpty(m))
                ?? unscheduled.Text("message"),
            CreatedAt = DateTimeOffset.TryParse(metadata.Text("creationTimestamp"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var created) ? created : null,
            NodeName = pod.Text("spec", "nodeName"),
            IsUnschedulable = unscheduled is not null,
            IsStuck = (phase is not null and not "" and not "Running") || pod.Items("status", "containerStatuses").Any(s => s.At("state", "waiting") is not null || s.At("state", "terminated") is not null),
            Failure = states.Select(s => s.Text("state", "waiting", "reason")).FirstOrDefault(r => r is not null && FailedReasons.Contains(r)),
            PostgresImage = pod.Items("spec", "containers").FirstOrDefault(c => c.Text("name") == ContainerResources.PostgresContainer).Text("image"),
        };
    }
}
