using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Zalando.Postgres.Sdk.Planning.Clusters;
using Zalando.Postgres.Sdk.Planning.Json;
using Zalando.Postgres.Sdk.Planning.Restarts;
using Zalando.Postgres.Sdk.Resources;
using Zalando.Postgres.Sdk.Resources.Kubernetes;

namespace Zalando.Postgres.Sdk.Planning.Pods;

/// <summary>Gives running pods the amounts of cpu and memory of a changed template: replicas first, the primary last, one at a time. What cannot be done in place is
/// done by making the pod again.</summary>
/// <remarks>Only pods with a note are touched: amounts that somebody else gives pods (an autoscaler, a limit range) are never fought over.</remarks>
internal static partial class PodResize
{
    private static readonly string[] Names = ["cpu", "memory"];

    /// <summary>Whether the differences of a template reach running pods without making them again.</summary>
    public static bool Applies(ClusterContext context, IReadOnlyList<ChangeReason> reasons, JsonObject current, JsonObject desired, IReadOnlyList<DatabasePod> pods)
    {
        var policy = PolicyOf(context);
        if (!context.Input.Observed.OffersPodResize || policy == ResizePolicy.Never) return false;
        foreach (var reason in reasons)
        {
            var match = Amount().Match(reason.FieldPath);
            // The server takes neither a new amount of another kind nor less than one that was there.
            if (!match.Success || !Quantity.TryParse(reason.Old, out var old) || !Quantity.TryParse(reason.New, out var wanted)) return false;
            var (container, part, name) = (match.Groups["container"].Value, match.Groups["part"].Value, match.Groups["name"].Value);
            if (name == "memory" && (policy != ResizePolicy.CpuAndMemory || (part == "limits" && wanted < old))) return false;
            if (pods.Any(p => RestartsFor(p, container, name))) return false;
        }

        return Quality(current.Items("spec", "template", "spec", "containers")) == Quality(desired.Items("spec", "template", "spec", "containers"));
    }

    /// <summary>Notes on all pods that they are to be resized, before the template says so.</summary>
    public static void Mark(ClusterContext context, IReadOnlyList<DatabasePod> pods, IReadOnlyList<ChangeReason> reasons, List<PlannedChange> changes)
    {
        foreach (var pod in pods)
        {
            if (pod.IsMarked || pod.IsDeleting || (pod.Resize is { } noted && !noted.StartsWith(PodNotes.ResizeRefused, StringComparison.Ordinal))) continue;
            changes.Add(PodMarks.Resize(context, pod, Stamp(context.Input.Now), reasons));
        }
    }

    /// <summary>Adds the next step for pods with a note.</summary>
    /// <param name="context">The cluster.</param>
    /// <param name="wanted">Requests and limits of the template, by container.</param>
    /// <param name="pods">All pods.</param>
    /// <param name="outdated">Pods that are made again; gets those that cannot be resized.</param>
    /// <param name="hold">What holds restarts back; null for nothing.</param>
    /// <param name="changes">Gets at most one resize.</param>
    /// <param name="pending">Gets what waits.</param>
    public static void Plan(
        ClusterContext context, IReadOnlyDictionary<string, JsonObject> wanted, IReadOnlyList<DatabasePod> pods, SortedDictionary<string, IReadOnlyList<ChangeReason>> outdated,
        RestartHold? hold, List<PlannedChange> changes, List<PendingChange> pending)
    {
        string? first = null;
        foreach (var pod in pods.Where(p => p.Resize is not null && !p.IsDeleting && !outdated.ContainsKey(p.Name)).OrderBy(p => p.IsPrimary).ThenBy(p => p.Ordinal).ToArray())
        {
            var differences = Differences(pod.Source.Items("spec", "containers"), wanted);
            var missing = Differences(pod.Source.Items("status", "containerStatuses"), wanted);
            if (differences.Count == 0 && missing.Count == 0)
            {
                changes.Add(PodMarks.Resize(context, pod, null, [new ChangeReason { FieldPath = $"metadata.annotations[{PodNotes.ResizeInPlace}]", Old = pod.Resize, RequestedBy = Requester.Operator, Explanation = "the pod has the amounts of its template" }]));
                continue;
            }

            if (WhyNot(context, pod) is { } why)
            {
                ChangeReason[] reasons = [.. (differences.Count > 0 ? differences : missing).Select(d => d with { Consequence = Consequence.RecreatePods, Explanation = why })];
                if (hold is null) changes.Add(PodMarks.Mark(context, pod, reasons));
                outdated[pod.Name] = reasons;
                continue;
            }

            var change = new ResizePod
            {
                Target = ChangeTarget.Of(KubernetesKinds.Pod, context.Namespace, pod.Name),
                Uid = pod.Uid,
                IsPrimary = pod.IsPrimary,
                Resources = pod.Source.Items("spec", "containers").Select(c => c.Text("name") ?? "").Where(wanted.ContainsKey).ToDictionary(n => n, n => (JsonObject)wanted[n].DeepClone(), StringComparer.Ordinal),
                Reasons = differences.Count > 0 ? differences : missing,
                Stage = ChangeStage.Pods,
            };
            if (first is not null) pending.Add(new PendingChange { Change = change, WaitsFor = WaitReason.EarlierChange, Explanation = $"{first} comes first: one pod at a time" });
            else if (differences.Count > 0) changes.Add(change);
            else pending.Add(new PendingChange { Change = change, WaitsFor = WaitReason.PodResize, Explanation = Waiting(pod), Until = Deadline(context, pod) });
            first ??= pod.Name;
        }
    }

    // A node that is too small never has room; one that has none now may have it soon, and one that says nothing may be too old to know the question.
    private static string? WhyNot(ClusterContext context, DatabasePod pod)
    {
        if (pod.Resize!.StartsWith(PodNotes.ResizeRefused, StringComparison.Ordinal)) return $"it cannot be resized in place: {pod.Resize[PodNotes.ResizeRefused.Length..]}";
        if (PolicyOf(context) == ResizePolicy.Never || !context.Input.Observed.OffersPodResize) return "it is not resized in place any more";
        var condition = Condition(pod);
        if (condition.Text("reason") == "Infeasible") return $"it cannot be resized in place: {condition.Text("message") ?? "its node is too small"}";
        if (Deadline(context, pod) is { } deadline && context.Input.Now < deadline) return null;
        return $"its node has not resized it within {context.Settings.Timeouts.PodLabelWaitTimeout.TotalMinutes.ToString("0.#", CultureInfo.InvariantCulture)} min{(condition.Text("message") is { Length: > 0 } words ? $": {words}" : "")}";
    }

    private static string Waiting(DatabasePod pod) => Condition(pod).Text("message") is { Length: > 0 } words ? $"the node of {pod.Name} has not resized it yet: {words}" : $"the node of {pod.Name} has not resized it yet";

    private static JsonObject? Condition(DatabasePod pod) =>
        pod.Source.Items("status", "conditions").FirstOrDefault(c => c.Text("type") is "PodResizePending" or "PodResizeInProgress" && c.Text("status") == "True");

    private static DateTimeOffset? Deadline(ClusterContext context, DatabasePod pod) =>
        DateTimeOffset.TryParse(pod.Resize, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var since) ? since + context.Settings.Timeouts.PodLabelWaitTimeout : null;

    private static List<ChangeReason> Differences(IEnumerable<JsonObject> containers, IReadOnlyDictionary<string, JsonObject> wanted)
    {
        var reasons = new List<ChangeReason>();
        foreach (var container in containers)
        {
            if (container.Text("name") is not { } name || !wanted.TryGetValue(name, out var amounts)) continue;
            foreach (var part in new[] { "requests", "limits" })
            {
                foreach (var resource in Names)
                {
                    var (has, should) = (container.Text("resources", part, resource), amounts.Text(part, resource));
                    if (should is null || (Quantity.TryParse(has, out var present) && Quantity.TryParse(should, out var amount) && present == amount)) continue;
                    reasons.Add(new ChangeReason { FieldPath = $"spec.containers[{name}].resources.{part}.{resource}", Old = has, New = should, RequestedBy = Requester.ClusterState });
                }
            }
        }

        return reasons;
    }

    private static bool RestartsFor(DatabasePod pod, string container, string resource) => pod.Source.Items("spec", "containers").Where(c => c.Text("name") == container)
        .Any(c => c.Items("resizePolicy").Any(p => p.Text("resourceName") == resource && p.Text("restartPolicy") == "RestartContainer"));

    private static string Quality(IEnumerable<JsonObject> containers)
    {
        var (any, guaranteed) = (false, true);
        foreach (var container in containers)
        {
            foreach (var name in Names)
            {
                var (request, limit) = (container.Text("resources", "requests", name), container.Text("resources", "limits", name));
                any |= request is not null || limit is not null;
                guaranteed &= limit is not null && (request is null || (Quantity.TryParse(request, out var least) && Quantity.TryParse(limit, out var most) && least == most));
            }
        }

        return !any ? "BestEffort" : guaranteed ? "Guaranteed" : "Burstable";
    }

    private static ResizePolicy PolicyOf(ClusterContext context)
    {
        if (context.Manifest.Metadata.Annotations?.GetValueOrDefault(RestartAnnotations.Resize) is not { } text) return context.Input.ResizePolicy;
        switch (text.Trim())
        {
            case "cpu": return ResizePolicy.Cpu;
            case "cpu-and-memory": return ResizePolicy.CpuAndMemory;
            case "never": return ResizePolicy.Never;
            default:
                context.Warn("UnknownResizePolicy", $"metadata.annotations[{RestartAnnotations.Resize}]", "The value must be cpu, cpu-and-memory or never. Until it is one of them, pods are made again.", text);
                return ResizePolicy.Never;
        }
    }

    private static string Stamp(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\Aspec\.template\.spec\.containers\[(?<container>[^\]]+)\]\.resources\.(?<part>requests|limits)[.\[](?<name>cpu|memory)\]?\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Amount();
}
